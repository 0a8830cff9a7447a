//! Where a unit was and what reporters wrote is erased, and who had it done.

use std::process::Command;
use std::time::Duration;

use pilin::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::harness::{Server, told};

const TRACK: &str = "/api/v1/units/QP-1/track";

async fn server() -> Server {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    let fix = |minute: u32| {
        let at = format!("2026-03-04T07:{minute:02}:00+08:00");
        json!({"unit": "QP-1", "lon": 121.1, "lat": 31.1, "at": at})
    };
    server.post("/api/v1/positions", &json!([fix(10), fix(20), fix(30)])).await;
    server
}

async fn erase(by: &Visitor, query: &str, status: StatusCode) -> Value {
    told(by.ask(Method::DELETE, &format!("{TRACK}{query}")), status).await
}

async fn fixes(by: &Visitor) -> usize {
    let track = format!("{TRACK}?from=2026-03-03T00:00:00Z&to=2026-03-04T00:00:00Z");
    by.get(&track).await["fixes"].as_array().unwrap().len()
}

/// What the audit log tells of a deed, once it tells of it so often.
async fn entries(root: &Visitor, deed: &str, times: usize) -> Vec<Value> {
    for _ in 0..200 {
        let log = root.get("/api/v1/audit?limit=100").await;
        let rows = log["entries"].as_array().unwrap().iter().map(|row| row["entry"].clone());
        let found: Vec<_> = rows.filter(|entry| entry["deed"] == deed).collect();
        if found.len() >= times {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{deed} was never told of {times} times");
}

#[tokio::test]
async fn an_admin_erases_where_a_unit_was_and_the_log_says_who_why_and_how_much() {
    let server = server().await;
    let root = set_up(&server, "310000").await;
    let analyst = person(&server, "wang", "310118", Role::Analyst).await;
    let far = person(&server, "far", "340000", Role::Admin).await;
    erase(&analyst, "?reason=x", StatusCode::FORBIDDEN).await;
    erase(&far, "?reason=x", StatusCode::NOT_FOUND).await;
    let refused = erase(&root, "", StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["field"], "reason");
    let late = "?reason=x&before=2026-03-05T00:00:00Z";
    assert_eq!(erase(&root, late, StatusCode::BAD_REQUEST).await["field"], "before");
    assert_eq!(fixes(&analyst).await, 3);

    let some = "?reason=%E5%BD%93%E4%BA%8B%E4%BA%BA%E7%94%B3%E8%AF%B7&before=2026-03-03T23:20:00Z";
    let erased = erase(&root, some, StatusCode::ACCEPTED).await;
    let done = entries(&root, "forgotten", 1).await;
    assert_eq!(done[0]["target"], "unit QP-1");
    assert_eq!(done[0]["after"]["fixes"], 1);
    assert_eq!(done[0]["after"]["batch"], erased["batch"]);
    assert_eq!(fixes(&analyst).await, 2);
    assert_eq!(root.get("/api/v1/units/QP-1").await["fix"][1], 121.1);

    erase(&root, "?reason=all", StatusCode::ACCEPTED).await;
    assert_eq!(root.get("/api/v1/units/QP-1").await["fix"], Value::Null, "at once");
    entries(&root, "forgotten", 2).await;
    assert_eq!(fixes(&analyst).await, 0);
    let asked = entries(&root, "erase-track", 3).await;
    let asked: Vec<_> = asked.iter().filter(|entry| entry["outcome"] == "done").collect();
    assert_eq!(asked[1]["who"]["name"], "root");
    assert_eq!(asked[1]["after"]["reason"], "当事人申请");
    assert!(!json!(asked).to_string().contains("121.1"));

    let server = server.restart().await;
    let analyst = Visitor::sign_in(&server, "wang").await;
    assert_eq!(fixes(&analyst).await, 0);
}

#[tokio::test]
async fn an_admin_erases_what_a_reporter_wrote_and_the_incident_stays() {
    let server = Server::in_the_morning().await;
    let report = json!({
        "source": "12345", "external_id": "a", "matter": "spoil-dumping", "lon": 121.05, "lat": 31.0,
        "occurred_at": "2026-03-04T07:10:00+08:00", "severity": 2,
        "description": "王女士，13800000000", "media": ["https://example.org/wang.jpg"],
    });
    let id = server.post("/api/v1/incidents", &report).await["accepted"][0]["id"].clone();
    let root = set_up(&server, "310000").await;
    let officer = person(&server, "li", "310118", Role::Officer).await;
    let far = person(&server, "far", "340000", Role::Admin).await;
    let path = format!("/api/v1/incidents/{id}");
    let erase = async |by: &Visitor, query: &str, status| {
        told(by.ask(Method::DELETE, &format!("{path}/texts{query}")), status).await
    };
    erase(&officer, "?reason=x", StatusCode::FORBIDDEN).await;
    erase(&far, "?reason=x", StatusCode::NOT_FOUND).await;
    assert_eq!(erase(&root, "", StatusCode::BAD_REQUEST).await["field"], "reason");
    assert_eq!(officer.get(&path).await["description"], "王女士，13800000000");

    erase(&root, "?reason=%E5%BD%93%E4%BA%8B%E4%BA%BA", StatusCode::NO_CONTENT).await;
    let told_of = async |by: &Visitor| {
        let one = by.get(&path).await;
        let all = by.get("/api/v1/incidents").await;
        assert!(!all.to_string().contains("13800000000"), "{all}");
        (one["description"].clone(), one["media"].clone(), one["matter"].clone())
    };
    let bare = (json!(""), json!([]), json!("spoil-dumping"));
    assert_eq!(told_of(&officer).await, bare);
    let asked = entries(&root, "erase-texts", 2).await;
    let done: Vec<_> = asked.iter().filter(|entry| entry["outcome"] == "done").collect();
    assert_eq!(done[0]["target"], format!("incident {id}"));
    assert_eq!(done[0]["after"]["reason"], "当事人");

    let server = server.restart().await;
    let officer = Visitor::sign_in(&server, "li").await;
    assert_eq!(told_of(&officer).await, bare);
}

// The service goes on while the command runs, though this waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_erases_too() {
    let server = server().await;
    let store = server.place.address().to_string();
    let pilin = |of: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pilin"));
        let said = command.args(["erase", "--store", &store]).args(of).output().unwrap();
        (said.status.success(), String::from_utf8([said.stdout, said.stderr].concat()).unwrap())
    };
    let (done, said) = pilin(&["track", "QP-2", "--reason", "x"]);
    assert!(!done && said.contains("there is no unit “QP-2”"), "{said}");
    let (done, said) = pilin(&["track", "QP-1", "--reason", " "]);
    assert!(!done && said.contains("--reason"), "{said}");
    let (done, said) =
        pilin(&["track", "QP-1", "--reason", "x", "--before", "2026-03-03T23:25:00Z"]);
    assert!(done && said.contains("QP-1: erased"), "{said}");
    let track = format!("{TRACK}?from=2026-03-03T00:00:00Z&to=2026-03-04T00:00:00Z");
    assert_eq!(server.get(&track).await["fixes"].as_array().unwrap().len(), 1);
    let (done, _) = pilin(&["track", "QP-1", "--reason", "x"]);
    assert!(done);
    let (done, said) = pilin(&["texts", "9", "--reason", "x"]);
    assert!(!done && said.contains("there is no incident 9"), "{said}");
    // It takes in what the command wrote with the next that it stores.
    server.clock("2026-03-04T08:00:01+08:00").await;
    assert_eq!(server.get("/api/v1/units/QP-1").await["fix"], Value::Null);
}
