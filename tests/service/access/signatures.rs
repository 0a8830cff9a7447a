//! Who signed an alert, and takes that back.

use pilin::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped, until};
use crate::harness::{Server, told};

/// A service with one alert between Jiangsu and Zhejiang, and its door.
async fn with_alert() -> (Server, u64) {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let alerts = server.get("/api/v1/alerts").await;
    let id = alerts["alerts"][0]["id"].as_u64().unwrap();
    (server, id)
}

fn door(id: u64) -> String {
    format!("/api/v1/alerts/{id}/acknowledge")
}

async fn take_back(visitor: &Visitor, id: u64, status: StatusCode) -> Value {
    told(visitor.ask(Method::DELETE, &door(id)), status).await
}

#[tokio::test]
async fn a_signature_names_the_account_and_its_agency_whatever_it_is_displayed_as() {
    let (server, id) = with_alert().await;
    set_up(&server, "310000").await;
    let wu = person(&server, "wu", "320509", Role::Officer).await;
    let answer = wu.post(&door(id), &json!({"note": "已派车"}), StatusCode::OK).await;
    let signer = &answer["acknowledged"]["signer"];
    assert_eq!(signer["account"], wu.session["account"]);
    assert_eq!((&signer["name"], &signer["agency"]["code"]), (&json!("wu"), &json!("320509")));
    assert_eq!(signer["agency"]["name"], "吴江区");
    // Who takes part is told, so that a page shows a button to nobody else.
    let parties: Vec<&str> =
        answer["parties"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for party in ["320000", "320500", "320509", "330000", "330421"] {
        assert!(parties.contains(&party), "{party}: {parties:?}");
    }
    assert!(!parties.contains(&"310000"), "{parties:?}");
    let path = format!("/api/v1/alerts/{id}");
    let server = server.restart().await;
    let wu = Visitor::sign_in(&server, "wu").await;
    assert_eq!(&wu.get(&path).await["alert"]["acknowledged"]["signer"], signer);
    let step = wu.get(&path).await["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&step["step"], &step["signer"]), (&json!("acknowledged"), signer));
}

#[tokio::test]
async fn a_signature_is_taken_back_within_half_a_minute_by_its_own_account() {
    let (server, id) = with_alert().await;
    let admin = set_up(&server, "320000").await;
    let scope = [pilin::access::Scope::SetClock];
    let secret = server.add_token("clock", "320000", &scope).await;
    let clock = async |now: &str| {
        let ask = server.ask(Method::PUT, "/api/v1/clock").bearer_auth(&secret);
        told(ask.json(&json!({ "now": now })), StatusCode::OK).await
    };
    let wu = person(&server, "wu", "320509", Role::Officer).await;
    let li = person(&server, "li", "330421", Role::Officer).await;
    take_back(&wu, id, StatusCode::CONFLICT).await;

    wu.post(&door(id), &json!({}), StatusCode::OK).await;
    take_back(&li, id, StatusCode::FORBIDDEN).await;
    let open = take_back(&wu, id, StatusCode::OK).await;
    assert_eq!(open["acknowledged"], Value::Null);
    take_back(&wu, id, StatusCode::CONFLICT).await;

    // The one before it answers again, and it is too late for that one.
    wu.post(&door(id), &json!({}), StatusCode::OK).await;
    clock("2026-03-04T08:00:20+08:00").await;
    li.post(&door(id), &json!({}), StatusCode::OK).await;
    clock("2026-03-04T08:00:31+08:00").await;
    let back = take_back(&li, id, StatusCode::OK).await;
    assert_eq!(back["acknowledged"]["signer"]["name"], "wu");
    let late = take_back(&wu, id, StatusCode::CONFLICT).await;
    assert!(late["detail"].as_str().unwrap().contains("30 s"), "{late}");

    let path = format!("/api/v1/alerts/{id}");
    let steps = |detail: &Value| -> Vec<(String, String)> {
        let history = detail["history"].as_array().unwrap();
        let acts = history.iter().filter(|step| !step["by"].is_null());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        acts.map(|step| (text(&step["step"]), text(&step["signer"]["name"]))).collect()
    };
    let told = [
        ("acknowledged", "wu"),
        ("withdrawn", "wu"),
        ("acknowledged", "wu"),
        ("acknowledged", "li"),
        ("withdrawn", "li"),
    ];
    let told = told.map(|(step, by)| (step.to_owned(), by.to_owned()));
    for _ in 0..200 {
        if steps(&wu.get(&path).await).len() >= told.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(steps(&wu.get(&path).await), told);

    // Another agency's people are another admin's.
    let log = admin.get("/api/v1/audit?limit=200").await;
    let rows = log["entries"].as_array().unwrap().iter().map(|row| &row["entry"]);
    let taken: Vec<_> = rows.filter(|entry| entry["deed"] == "withdraw").collect();
    assert_eq!(taken.len(), 1, "{log}");
    assert_eq!(taken[0]["who"]["name"], "wu");
    assert_eq!(taken[0]["before"]["agency"], "320509");
}

#[tokio::test]
async fn at_an_open_service_whoever_is_there_takes_a_signature_back() {
    let (server, id) = with_alert().await;
    server.post(&door(id), &json!({"by": "值班员"})).await;
    let open = told(server.ask(Method::DELETE, &door(id)), StatusCode::OK).await;
    assert_eq!(open["acknowledged"], Value::Null);
    let path = format!("/api/v1/alerts/{id}");
    until(&server, &path, |told| {
        let last = told["history"].as_array().unwrap().last();
        last.is_some_and(|step| step["step"] == "withdrawn" && step["by"] == "值班员")
    })
    .await;
    server.post(&door(id), &json!({"by": "值班员"})).await;
    server.clock("2026-03-04T08:00:31+08:00").await;
    told(server.ask(Method::DELETE, &door(id)), StatusCode::CONFLICT).await;
}
