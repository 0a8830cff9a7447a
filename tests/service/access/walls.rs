//! Walls let in by a code typed at a desk.

use pilin::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::people::{Visitor, person, set_up};
use crate::harness::{Server, told};

#[tokio::test]
async fn a_wall_is_let_in_by_the_code_it_shows_and_shut_out_again() {
    let server = Server::start().await;
    let post = |path: &str| server.ask(Method::POST, path);
    told(post("/api/v1/session/code"), StatusCode::CONFLICT).await;
    let root = set_up(&server, "310000").await;
    let officer = person(&server, "li", "310118", Role::Officer).await;

    let shown = told(post("/api/v1/session/code"), StatusCode::OK).await;
    let claim = || post("/api/v1/session/code/claim").json(&json!({"claim": shown["claim"]}));
    assert_eq!(told(claim(), StatusCode::ACCEPTED).await["granted"], false);

    let typed = shown["code"].as_str().unwrap().replace('-', " ").to_lowercase();
    let grant = format!("/api/v1/session/code/{typed}/grant");
    let asking = format!("/api/v1/session/code/{typed}");
    assert_eq!(root.status(Method::GET, &asking).await, StatusCode::FORBIDDEN);
    assert_eq!(officer.get(&asking).await["address"], "127.0.0.1");
    assert_eq!(officer.get("/api/v1/session/code/AAAAAAAA").await["address"], json!(null));
    let hall = json!({"name": "hall-left", "display": "大厅左屏"});
    root.post(&grant, &hall, StatusCode::FORBIDDEN).await;
    officer.post(&grant, &json!({"name": "li"}), StatusCode::CONFLICT).await;
    officer.post("/api/v1/session/code/AAAAAAAA/grant", &hall, StatusCode::NOT_FOUND).await;
    officer.post(&grant, &hall, StatusCode::NO_CONTENT).await;
    officer.post(&grant, &hall, StatusCode::NOT_FOUND).await;

    let wall = Visitor::of(&server, claim()).await;
    assert_eq!(
        (&wall.session["role"], &wall.session["display"]),
        (&json!("wall"), &json!("大厅左屏"))
    );
    assert_eq!(wall.session["agency"]["code"], "310118");
    told(claim(), StatusCode::NOT_FOUND).await;
    wall.get("/api/v1/alerts").await;

    let end = format!("/api/v1/sessions/{}", wall.session["session"]);
    assert_eq!(officer.status(Method::DELETE, &end).await, StatusCode::NOT_FOUND);
    assert_eq!(root.status(Method::DELETE, &end).await, StatusCode::NO_CONTENT);
    assert_eq!(wall.status(Method::GET, "/api/v1/alerts").await, StatusCode::UNAUTHORIZED);
}
