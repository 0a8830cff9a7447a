//! A request with a key is carried out once.

use pilin::access::{Deed, Role};
use pilin::api::{Ask, Door};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::doors::path;
use super::people::{PASSWORD, Visitor, person, set_up};
use crate::alerts::{LINE, dumped};
use crate::harness::{Server, told};

const KEY: &str = "Idempotency-Key";

/// The doors whose batches are harmless to send again by what they hold.
const BATCHES: [&str; 3] = ["/api/v1/incidents", "/api/v1/positions", "/api/v1/units"];

async fn answer(request: RequestBuilder) -> (StatusCode, String) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().strip_prefix("urn:pilin:problem:").unwrap()
}

#[tokio::test]
async fn every_door_that_changes_something_heeds_a_key_or_takes_batches() {
    let server = Server::in_the_morning().await;
    for path in BATCHES {
        for body in ["[{}]", "[{},{}]"] {
            let request = server.ask(Method::POST, path).header(KEY, "batch").body(body);
            told(request, StatusCode::OK).await;
        }
    }
    let root = set_up(&server, "310000").await;
    let li = person(&server, "li", "310000", Role::Commander).await;
    let lets_in = |visitor: &Visitor, door: &Door| match door.ask {
        Ask::Nobody | Ask::Anybody => true,
        Ask::Deeds(deeds) => {
            let rights = visitor.session["rights"].as_array().unwrap();
            deeds.iter().any(|deed| rights.contains(&json!(deed.word())))
        }
    };
    for door in &server.doors {
        let here = format!("{}-{}", door.verb, door.path);
        let batches = door.verb == "POST" && BATCHES.contains(&door.path);
        assert_eq!(door.once, door.verb != "GET" && !batches, "{here}");
        let signs_out = door.verb == "DELETE" && door.ask == Ask::Deeds(&[Deed::OwnAccount]);
        if !door.once || signs_out {
            continue;
        }
        let visitor = [&root, &li].into_iter().find(|visitor| lets_in(visitor, door)).unwrap();
        // Whose own password is reset is signed out.
        let address = path(door).replace("accounts/1", "accounts/2");
        let with = |key: &str| visitor.ask(door.method(), &address).header(KEY, key);
        let ask = |body: &'static str| with(&here).body(body);
        let (first, again) = (answer(ask("[]")).await, answer(ask("[]")).await);
        let told_once = first.0.is_success() && again.0 == StatusCode::CONFLICT;
        assert!(again == first || told_once, "{here}: {first:?} {again:?}");
        let other = told(ask("[1]"), StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(kind(&other), "key-taken", "{here}");
        let bad = told(with("\""), StatusCode::BAD_REQUEST).await;
        assert_eq!(bad["field"], "Idempotency-Key", "{here}");
    }
}

#[tokio::test]
async fn an_act_sent_again_is_answered_alike_and_entered_once() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let alerts = server.get("/api/v1/alerts").await;
    let alert = format!("/api/v1/alerts/{}", alerts["alerts"][0]["id"]);
    let root = set_up(&server, "320000").await;
    let li = person(&server, "li", "320000", Role::Officer).await;
    let wang = person(&server, "wang", "320000", Role::Officer).await;
    let acknowledge = format!("{alert}/acknowledge");
    let ask = |note: &str| {
        let body = json!({"note": note});
        li.ask(Method::POST, &acknowledge).header(KEY, "\"one\"").json(&body)
    };
    let first = answer(ask("派吴江")).await;
    assert_eq!(first.0, StatusCode::OK, "{}", first.1);
    let theirs = wang.ask(Method::POST, &acknowledge).header(KEY, "one").json(&json!({}));
    told(theirs, StatusCode::OK).await;
    let server = server.restart().await;
    assert_eq!(answer(ask("派吴江")).await, first, "though another answers for it by now");
    let other = told(ask("派嘉善"), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(kind(&other), "key-taken");
    assert_eq!(root.get(&alert).await["alert"]["acknowledged"]["by"], "wang");
    let log = root.get("/api/v1/audit").await;
    let deeds = log["entries"].as_array().unwrap().iter().map(|it| &it["entry"]["deed"]);
    assert_eq!(deeds.filter(|deed| *deed == "acknowledge").count(), 2);
    drop(server);
}

#[tokio::test]
async fn a_secret_is_told_once_and_kept_nowhere() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let li = json!({"name": "li", "agency": "310118", "role": "officer"});
    let bus = json!({"name": "bus", "agency": "310118", "scopes": ["ingest:position"]});
    for (path, body, secret) in [
        ("/api/v1/accounts", &li, "password"),
        ("/api/v1/accounts/2/password", &json!(null), "password"),
        ("/api/v1/tokens", &bus, "secret"),
        ("/api/v1/session/code", &json!(null), "claim"),
    ] {
        let ask = || root.ask(Method::POST, path).header(KEY, path).json(body);
        let (status, text) = answer(ask()).await;
        assert!(status.is_success(), "{path}: {text}");
        let first: Value = serde_json::from_str(&text).unwrap();
        assert!(first[secret].is_string(), "{path}: {first}");
        let again = told(ask(), StatusCode::CONFLICT).await;
        assert_eq!(kind(&again), "done-before", "{path}");
    }
    let sign_in = json!({"name": "root", "password": PASSWORD});
    let ask = || server.ask(Method::POST, "/api/v1/session").header(KEY, "me").json(&sign_in);
    told(ask(), StatusCode::OK).await;
    assert_eq!(kind(&told(ask(), StatusCode::CONFLICT).await), "done-before");
    assert_eq!(root.get("/api/v1/accounts").await["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(root.get("/api/v1/tokens").await["tokens"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_the_same_request_sent_twice_at_once_one_is_carried_out() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let li = json!({"name": "li", "agency": "310118", "role": "officer"});
    let ask = || answer(root.ask(Method::POST, "/api/v1/accounts").header(KEY, "li").json(&li));
    let (one, two) = tokio::join!(ask(), ask());
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT], "{one:?} {two:?}");
    assert_eq!(root.get("/api/v1/accounts").await["accounts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_wall_admitted_twice_by_one_request_is_admitted() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let li = person(&server, "li", "310118", Role::Officer).await;
    let shown = server.post("/api/v1/session/code", &json!(null)).await;
    let grant = format!("/api/v1/session/code/{}/grant", shown["code"].as_str().unwrap());
    let ask = |name: &str| {
        let wall = json!({"name": name});
        li.ask(Method::POST, &grant).header(KEY, "wall").json(&wall)
    };
    for _ in 0..2 {
        assert_eq!(answer(ask("hall")).await, (StatusCode::NO_CONTENT, String::new()));
    }
    assert_eq!(kind(&told(ask("door"), StatusCode::UNPROCESSABLE_ENTITY).await), "key-taken");
    let log = root.get("/api/v1/audit").await;
    let deeds = log["entries"].as_array().unwrap().iter().map(|it| &it["entry"]["deed"]);
    assert_eq!(deeds.filter(|deed| *deed == "admit-wall").count(), 1);
}
