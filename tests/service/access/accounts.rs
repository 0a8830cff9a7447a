//! Signing in, and accounts.

use pilin::access::Role;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use super::people::{PASSWORD, Visitor, person, set_up};
use crate::harness::{Server, told};

#[tokio::test]
async fn an_open_service_says_so_and_who_signs_in_is_told_who_they_are() {
    let server = Server::start().await;
    let open = server.get("/api/v1/session").await;
    assert_eq!((&open["open"], &open["role"]), (&json!(true), &json!(null)));
    let key = json!({"key": "guess", "name": "x", "agency": "310000", "password": PASSWORD});
    let guess = server.ask(Method::POST, "/api/v1/setup").json(&key);
    told(guess, StatusCode::UNAUTHORIZED).await;
    let root = set_up(&server, "310000").await;
    assert_eq!(root.session["role"], "admin");
    assert_eq!(root.session["agency"]["name_en"], "Shanghai");
    assert!(root.session["ends_at"].is_i64());
    let mut told_later = root.get("/api/v1/session").await;
    told_later["ends_at"] = root.session["ends_at"].clone();
    assert_eq!(told_later, root.session);
    let again = server.ask(Method::POST, "/api/v1/setup").json(&key);
    told(again, StatusCode::CONFLICT).await;

    assert_eq!(root.status(Method::DELETE, "/api/v1/session").await, StatusCode::NO_CONTENT);
    assert_eq!(root.status(Method::GET, "/api/v1/session").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing_without_a_page_of_ours_behind_it() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let change = |site: Option<&str>| {
        let request = server
            .ask(Method::POST, "/api/v1/session/password")
            .header(header::COOKIE, &root.cookie)
            .json(&json!({"old": PASSWORD, "new": "hV7-kq2-Rm9w"}));
        match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        }
    };
    let status = async |site| change(site).send().await.unwrap().status();
    assert_eq!(status(None).await, StatusCode::FORBIDDEN);
    assert_eq!(status(Some("cross-site")).await, StatusCode::FORBIDDEN);
    assert_eq!(status(Some("same-origin")).await, StatusCode::NO_CONTENT);
    let foreign = change(None).header(header::ORIGIN, "https://elsewhere.example");
    told(foreign, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn who_guesses_waits_and_the_centre_behind_the_same_address_does_not() {
    let server = Server::start().await;
    set_up(&server, "310000").await;
    server.add_account("li", "310118", Role::Officer, Some(PASSWORD)).await;
    let guess = || {
        let body = json!({"name": "root", "password": "guess"});
        server.ask(Method::POST, "/api/v1/session").json(&body)
    };
    for _ in 0..6 {
        let problem = told(guess(), StatusCode::UNAUTHORIZED).await;
        assert_eq!(problem["type"], "urn:pilin:problem:wrong");
    }
    let held = guess().send().await.unwrap();
    assert_eq!(held.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(held.headers()[header::RETRY_AFTER], "1");
    Visitor::sign_in(&server, "li").await;
}

#[tokio::test]
async fn an_admin_makes_changes_and_disables_accounts_of_the_own_jurisdiction() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let new = json!({"name": "Li", "display": "李伟", "agency": "310118", "role": "officer"});
    let made = root.post("/api/v1/accounts", &new, StatusCode::CREATED).await;
    assert_eq!(made["account"]["name"], "li");
    let again = root.post("/api/v1/accounts", &new, StatusCode::CONFLICT).await;
    assert_eq!(again["type"], "urn:pilin:problem:conflict");
    let far = json!({"name": "wu", "agency": "320509", "role": "admin"});
    let far = root.post("/api/v1/accounts", &far, StatusCode::BAD_REQUEST).await;
    assert_eq!(far["field"], "agency");
    let odd = json!({"name": "wu", "agency": "990000", "role": "officer"});
    root.post("/api/v1/accounts", &odd, StatusCode::BAD_REQUEST).await;

    let given = json!({"name": "li", "password": made["password"]});
    let li = Visitor::of(&server, server.ask(Method::POST, "/api/v1/session").json(&given)).await;
    let change = json!({"old": made["password"], "new": "short"});
    li.post("/api/v1/session/password", &change, StatusCode::BAD_REQUEST).await;
    let change = json!({"old": made["password"], "new": PASSWORD});
    li.post("/api/v1/session/password", &change, StatusCode::NO_CONTENT).await;
    let li = Visitor::sign_in(&server, "li").await;

    let sessions = root.get("/api/v1/sessions").await;
    let of_li = sessions["sessions"].as_array().unwrap().iter().filter(|it| it["name"] == "li");
    assert_eq!(of_li.count(), 2, "the one that changed the password, and the new one");
    assert_eq!(li.get("/api/v1/sessions").await["sessions"].as_array().unwrap().len(), 2);

    let path = format!("/api/v1/accounts/{}", made["account"]["id"]);
    let change = root.ask(Method::PATCH, &path).json(&json!({"role": "commander"}));
    assert_eq!(told(change, StatusCode::OK).await["role"], "commander");
    assert_eq!(li.get("/api/v1/session").await["role"], "commander", "at once");
    let reset = format!("{path}/password");
    let reset = told(root.ask(Method::POST, &reset), StatusCode::OK).await["password"].clone();
    assert_eq!(li.status(Method::GET, "/api/v1/region").await, StatusCode::UNAUTHORIZED);
    let given = json!({"name": "li", "password": reset});
    let li = Visitor::of(&server, server.ask(Method::POST, "/api/v1/session").json(&given)).await;
    let change = root.ask(Method::PATCH, &path).json(&json!({"disabled": true}));
    told(change, StatusCode::OK).await;
    assert_eq!(li.status(Method::GET, "/api/v1/region").await, StatusCode::UNAUTHORIZED);
    let body = json!({"name": "li", "password": reset});
    told(server.ask(Method::POST, "/api/v1/session").json(&body), StatusCode::UNAUTHORIZED).await;

    let own = format!("/api/v1/accounts/{}", root.session["account"]);
    let change = root.ask(Method::PATCH, &own).json(&json!({"disabled": true}));
    told(change, StatusCode::CONFLICT).await;
}

#[tokio::test]
async fn another_agencys_admin_sees_and_touches_no_account_of_ours() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let far = person(&server, "far", "320000", Role::Admin).await;
    let all = far.get("/api/v1/accounts").await;
    let names: Vec<_> = all["accounts"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["far"]);
    let path = format!("/api/v1/accounts/{}", root.session["account"]);
    assert_eq!(far.status(Method::GET, &path).await, StatusCode::NOT_FOUND);
    let change = far.ask(Method::PATCH, &path).json(&json!({"disabled": true}));
    told(change, StatusCode::NOT_FOUND).await;
    let reset = format!("{path}/password");
    assert_eq!(far.status(Method::POST, &reset).await, StatusCode::NOT_FOUND);
    let end = format!("/api/v1/sessions/{}", root.session["session"]);
    assert_eq!(far.status(Method::DELETE, &end).await, StatusCode::NOT_FOUND);
    assert_eq!(root.status(Method::GET, "/api/v1/session").await, StatusCode::OK);
}

#[tokio::test]
async fn a_password_that_somebody_else_gave_is_changed_before_anything_else() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let new = json!({"name": "li", "agency": "310118", "role": "officer"});
    let made = root.post("/api/v1/accounts", &new, StatusCode::CREATED).await;
    let given = json!({"name": "li", "password": made["password"]});
    let li = Visitor::of(&server, server.ask(Method::POST, "/api/v1/session").json(&given)).await;
    assert_eq!(li.session["must"], "change-password");
    assert_eq!(li.session["rights"], json!(["own-account"]));
    let held = told(li.ask(Method::GET, "/api/v1/incidents"), StatusCode::FORBIDDEN).await;
    assert_eq!(held["type"], "urn:pilin:problem:change-password");

    let change = |old: &serde_json::Value, new: &str| json!({"old": old, "new": new});
    let same = change(&made["password"], made["password"].as_str().unwrap());
    li.post("/api/v1/session/password", &same, StatusCode::BAD_REQUEST).await;
    for common in ["Password123", "P@ssw0rd2026", "Shanghai2026!", "1qaz2wsx3edc4rfv"] {
        let weak = change(&made["password"], common);
        let told = li.post("/api/v1/session/password", &weak, StatusCode::BAD_REQUEST).await;
        assert_eq!(told["field"], "new", "{common}: {told}");
    }
    let chosen = change(&made["password"], "两岸猿声啼不住轻舟已过万重");
    li.post("/api/v1/session/password", &chosen, StatusCode::NO_CONTENT).await;
    assert_eq!(li.get("/api/v1/session").await["must"], json!(null), "the same session goes on");
    assert_eq!(li.status(Method::GET, "/api/v1/incidents").await, StatusCode::OK);
}

#[tokio::test]
async fn ones_own_password_is_changed_by_no_door_without_the_old_one() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    let own = format!("/api/v1/accounts/{}", root.session["account"]);
    let set = |body: serde_json::Value| root.ask(Method::PATCH, &own).json(&body);
    let told_field = told(set(json!({"password": "hV7-kq2-Rm9w"})), StatusCode::BAD_REQUEST).await;
    assert_eq!(told_field["field"], "old");
    let wrong = json!({"password": "hV7-kq2-Rm9w", "old": "guess"});
    told(set(wrong), StatusCode::UNAUTHORIZED).await;
    let reset = root.ask(Method::POST, &format!("{own}/password"));
    told(reset, StatusCode::CONFLICT).await;
    let right = json!({"password": "hV7-kq2-Rm9w", "old": PASSWORD});
    told(set(right), StatusCode::OK).await;
    let body = json!({"name": "root", "password": "hV7-kq2-Rm9w"});
    told(server.ask(Method::POST, "/api/v1/session").json(&body), StatusCode::OK).await;
}
