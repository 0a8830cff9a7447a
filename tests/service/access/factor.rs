//! A second factor beside the password.

use pilin::access::Role;
use pilin::pipeline::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::people::{PASSWORD, Visitor, person, set_up};
use crate::harness::{Server, told};

const FACTOR: &str = "/api/v1/session/factor";

/// What an authenticator shows so many steps from now.
fn shown(secret: &Value, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret.as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = Clock::wall().now().unwrap().ms() / 1_000 + 30 * steps;
    totp.generate(seconds.unsigned_abs()).to_string()
}

async fn sign_in(server: &Server, code: Option<&str>, status: StatusCode) -> Value {
    let mut body = json!({"name": "li", "password": PASSWORD});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    told(server.ask(Method::POST, "/api/v1/session").json(&body), status).await
}

/// The secret and the recovery codes of somebody who enrols by the code of now, so that
/// that of the next step is left, and fits for a minute.
pub async fn enrol(who: &Visitor) -> (Value, Value) {
    let offer = who.post(FACTOR, &json!({"password": PASSWORD}), StatusCode::OK).await;
    assert!(offer["uri"].as_str().unwrap().starts_with("otpauth://totp/Pilin:"), "{offer}");
    assert!(offer["qr"]["path"].as_str().unwrap().starts_with("M4 4h7v1h-7z"), "{offer}");
    let code = shown(&offer["secret"], 0);
    let body = json!({"password": PASSWORD, "secret": offer["secret"], "code": code});
    let codes = told(who.ask(Method::PUT, FACTOR).json(&body), StatusCode::OK).await;
    (offer["secret"].clone(), codes["recovery_codes"].clone())
}

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().strip_prefix("urn:pilin:problem:").unwrap()
}

#[tokio::test]
async fn who_enrols_signs_in_by_password_and_code_each_code_once() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let li = person(&server, "li", "310118", Role::Officer).await;
    let none = json!({"possible": true, "enrolled": false, "recovery_codes": 0});
    assert_eq!(li.get(FACTOR).await, none);
    let wrong = json!({"password": "guess"});
    assert_eq!(kind(&li.post(FACTOR, &wrong, StatusCode::UNAUTHORIZED).await), "wrong");
    let (secret, recovery) = enrol(&li).await;
    let there = json!({"possible": true, "enrolled": true, "recovery_codes": 10});
    assert_eq!(li.get(FACTOR).await, there, "the session goes on");

    let needed = sign_in(&server, None, StatusCode::UNAUTHORIZED).await;
    assert_eq!(kind(&needed), "code-needed");
    let guess = json!({"name": "li", "password": "guess", "code": "123456"});
    let guess = server.ask(Method::POST, "/api/v1/session").json(&guess);
    assert_eq!(kind(&told(guess, StatusCode::UNAUTHORIZED).await), "wrong", "as ever");
    let code = shown(&secret, 1);
    sign_in(&server, Some(&code), StatusCode::OK).await;
    // Neither here nor at another server of the store.
    let other = server.another().await;
    for server in [&server, &other] {
        let replayed = sign_in(server, Some(&code), StatusCode::UNAUTHORIZED).await;
        assert_eq!(kind(&replayed), "wrong-code");
    }
    let spare = recovery[0].as_str().unwrap();
    sign_in(&other, Some(spare), StatusCode::OK).await;
    let spent = sign_in(&server, Some(spare), StatusCode::UNAUTHORIZED).await;
    assert_eq!(kind(&spent), "wrong-code");

    let body = json!({"password": PASSWORD, "code": recovery[1]});
    let off = li.ask(Method::DELETE, FACTOR).json(&body);
    told(off, StatusCode::NO_CONTENT).await;
    sign_in(&server, None, StatusCode::OK).await;
    let deeds = root.get("/api/v1/audit?limit=200").await;
    let text = deeds.to_string();
    for deed in ["enrol-factor", "use-recovery-code", "remove-factor"] {
        assert!(text.contains(deed), "{deed}");
    }
    assert!(!text.contains(secret.as_str().unwrap()), "no entry holds the secret");
}

#[tokio::test]
async fn an_admin_takes_off_the_factor_that_somebody_lost_and_not_the_own() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let far = person(&server, "far", "320000", Role::SecurityAdmin).await;
    let li = person(&server, "li", "310118", Role::Officer).await;
    enrol(&li).await;
    let account = format!("/api/v1/accounts/{}", li.session["account"]);
    assert_eq!(root.get(&account).await["second_factor"], true);
    let reset = format!("{account}/factor");
    assert_eq!(far.status(Method::DELETE, &reset).await, StatusCode::NOT_FOUND);
    assert_eq!(li.status(Method::DELETE, &reset).await, StatusCode::FORBIDDEN);
    let after = told(root.ask(Method::DELETE, &reset), StatusCode::OK).await;
    assert_eq!(after["second_factor"], false);
    assert_eq!(root.status(Method::DELETE, &reset).await, StatusCode::CONFLICT, "none is left");
    assert_eq!(li.status(Method::GET, "/api/v1/session").await, StatusCode::UNAUTHORIZED);
    sign_in(&server, None, StatusCode::OK).await;
    enrol(&root).await;
    let own = format!("/api/v1/accounts/{}/factor", root.session["account"]);
    assert_eq!(root.status(Method::DELETE, &own).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_role_that_must_have_a_second_factor_enrols_before_anything_else() {
    let server = Server::with("data", |config| {
        config.sign_in.second_factor = vec![Role::Officer];
    })
    .await;
    set_up(&server, "310000").await;
    let li = person(&server, "li", "310118", Role::Officer).await;
    assert_eq!(li.session["must"], "enrol-second-factor");
    assert_eq!(li.session["rights"], json!(["own-account"]));
    let held = told(li.ask(Method::GET, "/api/v1/incidents"), StatusCode::FORBIDDEN).await;
    assert_eq!(kind(&held), "enrol-second-factor");
    let misfit = json!({"password": PASSWORD, "secret": "A".repeat(32), "code": "123456"});
    let misfit = told(li.ask(Method::PUT, FACTOR).json(&misfit), StatusCode::BAD_REQUEST).await;
    assert_eq!(misfit["field"], "code");
    let (secret, _) = enrol(&li).await;
    assert_eq!(li.get("/api/v1/session").await["must"], json!(null));
    assert_eq!(li.status(Method::GET, "/api/v1/incidents").await, StatusCode::OK);
    let again = sign_in(&server, Some(&shown(&secret, 1)), StatusCode::OK).await;
    assert_eq!(again["must"], json!(null));
    let other = person(&server, "zhao", "310118", Role::Analyst).await;
    assert_eq!(other.session["must"], json!(null), "of other roles none is asked");
}
