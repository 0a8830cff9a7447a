//! System, security and audit, each with an administrator of its own.

use pilin::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::harness::{Server, told};

async fn add(by: &Visitor, name: &str, role: &str, status: StatusCode) -> Value {
    let new = json!({"name": name, "agency": "310000", "role": role});
    by.post("/api/v1/accounts", &new, status).await
}

#[tokio::test]
async fn with_separation_the_first_account_makes_accounts_and_nothing_else() {
    let server = Server::with("data", |config| config.separation_of_duties = true).await;
    let root = set_up(&server, "310000").await;
    assert_eq!(root.session["role"], "security-admin");
    let roles = root.session["roles"].as_array().unwrap();
    assert!(!roles.contains(&json!("admin")) && roles.contains(&json!("auditor")), "{roles:?}");
    add(&root, "all-in-one", "admin", StatusCode::CONFLICT).await;
    let system = add(&root, "system", "system-admin", StatusCode::CREATED).await;
    add(&root, "audit", "auditor", StatusCode::CREATED).await;
    for (method, path) in [
        (Method::GET, "/api/v1/tokens"),
        (Method::GET, "/api/v1/audit"),
        (Method::GET, "/api/v1/incidents"),
        (Method::GET, "/metrics"),
        (Method::PUT, "/api/v1/rules"),
    ] {
        assert_eq!(root.status(method, path).await, StatusCode::FORBIDDEN, "{path}");
    }
    let path = format!("/api/v1/accounts/{}", system["account"]["id"]);
    let raise = root.ask(Method::PATCH, &path).json(&json!({"role": "admin"}));
    told(raise, StatusCode::CONFLICT).await;
}

#[tokio::test]
async fn an_admin_of_before_works_on_and_nobody_changes_their_own_role() {
    let server = Server::start().await;
    let root = set_up(&server, "310000").await;
    assert_eq!(root.session["role"], "admin", "an old store has such accounts");
    let security = person(&server, "wang", "310000", Role::SecurityAdmin).await;
    for visitor in [&root, &security] {
        let own = format!("/api/v1/accounts/{}", visitor.session["account"]);
        for role in ["system-admin", "auditor", "officer"] {
            let change = visitor.ask(Method::PATCH, &own).json(&json!({"role": role}));
            told(change, StatusCode::CONFLICT).await;
        }
        let same = json!({"role": visitor.session["role"], "display": "老王"});
        told(visitor.ask(Method::PATCH, &own).json(&same), StatusCode::OK).await;
    }
    add(&root, "another", "admin", StatusCode::CREATED).await;
    assert_eq!(root.status(Method::GET, "/api/v1/audit").await, StatusCode::OK);
    assert_eq!(root.status(Method::GET, "/api/v1/tokens").await, StatusCode::OK);

    let first = format!("/api/v1/accounts/{}", root.session["account"]);
    let split = security.ask(Method::PATCH, &first).json(&json!({"role": "system-admin"}));
    told(split, StatusCode::OK).await;
    assert_eq!(root.status(Method::GET, "/api/v1/audit").await, StatusCode::FORBIDDEN);
    assert_eq!(root.status(Method::GET, "/api/v1/tokens").await, StatusCode::OK);
}
