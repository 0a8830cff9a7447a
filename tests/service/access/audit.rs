//! Who did what.

use std::process::{Command, Output};

use pilin::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped};
use crate::harness::{Server, told};

/// Runs the built binary on a server's store.
fn pilin(server: &Server, command: &[&str]) -> Output {
    let store = server.place.address().to_string();
    let (room, rest) = command.split_at(1);
    Command::new(env!("CARGO_BIN_EXE_pilin"))
        .args(room)
        .args(["--store", &store])
        .args(rest)
        .env("USER", "operator")
        .env_remove("SUDO_USER")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn an_acknowledgement_names_who_signed_in_and_stands_in_the_audit_log() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let alert = server.get("/api/v1/alerts").await["alerts"][0]["id"].clone();
    let root = set_up(&server, "320000").await;
    let path = format!("/api/v1/alerts/{alert}/acknowledge");
    let li = person(&server, "li", "320509", Role::Officer).await;
    let said = json!({"by": "somebody else", "note": "派青浦"});
    let seen = li.post(&path, &said, StatusCode::OK).await;
    assert_eq!(seen["acknowledged"]["by"], "li");
    let analyst = person(&server, "wang", "320000", Role::Analyst).await;
    analyst.post(&path, &said, StatusCode::FORBIDDEN).await;
    let far = person(&server, "far", "340000", Role::Officer).await;
    far.post(&path, &said, StatusCode::FORBIDDEN).await;

    let log = root.get("/api/v1/audit?limit=1000").await;
    let deeds: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|row| &row["entry"]).collect();
    let of = |deed: &str| deeds.iter().filter(|entry| entry["deed"] == deed).collect::<Vec<_>>();
    let acknowledged = of("acknowledge");
    assert_eq!(acknowledged.len(), 2, "another agency's people are another admin's: {log}");
    assert_eq!(acknowledged[0]["who"]["name"], "wang");
    assert_eq!(acknowledged[0]["outcome"]["refused"], "not allowed");
    assert_eq!(acknowledged[1]["who"]["name"], "li");
    assert_eq!(acknowledged[1]["target"], format!("alert {alert}"));
    assert_eq!(acknowledged[1]["after"]["note"], "派青浦");
    assert_eq!(acknowledged[1]["address"], "127.0.0.1");
    assert_eq!(of("set-up").len(), 1);
    assert!(!log.to_string().contains("Delta-2026-x") && !log.to_string().contains("argon2"));

    let page = root.get("/api/v1/audit?limit=2").await;
    assert_eq!(page["entries"].as_array().unwrap().len(), 2);
    let next = format!("/api/v1/audit?limit=2&before={}", page["next"]);
    let more = root.get(&next).await;
    assert!(more["entries"][0]["number"].as_u64() < page["entries"][1]["number"].as_u64());
}

#[tokio::test]
async fn a_track_is_told_to_nobody_without_an_entry() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    let root = set_up(&server, "310000").await;
    let analyst = person(&server, "wang", "310118", Role::Analyst).await;
    let track = "/api/v1/units/QP-1/track?from=2026-03-04T00:00:00Z&to=2026-03-05T00:00:00Z";
    analyst.get(track).await;
    let log = root.get("/api/v1/audit").await;
    let told: Vec<_> = log["entries"].as_array().unwrap().iter().map(|row| &row["entry"]).collect();
    let read: Vec<_> = told.iter().filter(|entry| entry["deed"] == "see-history").collect();
    assert_eq!(read.len(), 1);
    assert_eq!(
        (&read[0]["who"]["name"], &read[0]["target"]),
        (&json!("wang"), &json!("unit QP-1"))
    );
}

#[tokio::test]
async fn what_concerns_another_agency_is_read_by_its_own_auditor_alone() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    person(&server, "li", "310118", Role::Officer).await;
    let bus = server.add_token("bus-of-310118", "310118", &[pilin::access::Scope::Stream]).await;
    assert!(bus.starts_with("pilin_"));
    let far = person(&server, "far", "340000", Role::Auditor).await;
    let typed = "MyPassword-typed-2026!";
    for (name, password) in [("li", "wrong"), (typed, "x"), (typed, "y")] {
        let body = json!({"name": name, "password": password});
        told(server.ask(Method::POST, "/api/v1/session").json(&body), StatusCode::UNAUTHORIZED)
            .await;
    }

    let log = async |visitor: &Visitor| {
        let page = visitor.get("/api/v1/audit?limit=1000").await;
        let export = visitor.ask(Method::GET, "/api/v1/audit/export").send().await.unwrap();
        (page["entries"].clone(), export.text().await.unwrap())
    };
    let (ours, exported) = log(&root).await;
    let (theirs, also) = log(&far).await;
    for text in [ours.to_string(), exported] {
        assert!(text.contains("\"li\"") && text.contains("bus-of-310118"), "{text}");
        assert!(!text.to_lowercase().contains(&typed.to_lowercase()), "{text}");
        assert!(!text.contains("\"far\""), "{text}");
    }
    for text in [theirs.to_string(), also] {
        for name in ["\"li\"", "bus-of-310118", "set-up"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
        assert!(text.contains("\"far\"") && text.contains("unknown name"), "{text}");
    }
    let refused = |row: &&Value| row["entry"]["target"] == "unknown name";
    let unknown: Vec<_> = theirs.as_array().unwrap().iter().filter(refused).collect();
    let hash = |row: &Value| row["entry"]["after"]["name_hash"].as_str().unwrap().to_owned();
    assert_eq!(unknown.len(), 2);
    assert_eq!(hash(unknown[0]), hash(unknown[1]), "tries of one name are seen to be of one");
}

#[tokio::test]
async fn an_admin_verifies_the_log_and_takes_a_period_of_it_out() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "320000").await;
    person(&server, "far", "340000", Role::Officer).await;
    let entries = async |path: &str| root.get(path).await["entries"].as_array().unwrap().clone();
    let known = entries("/api/v1/audit").await;
    let at = |row: &Value| row["entry"]["at"].as_str().unwrap().to_owned();
    let (newest, oldest) = (at(&known[0]), at(known.last().unwrap()));
    assert_eq!(entries(&format!("/api/v1/audit?to={oldest}")).await, [] as [Value; 0]);
    assert!(entries(&format!("/api/v1/audit?from={newest}")).await.contains(&known[0]));
    assert!(entries(&format!("/api/v1/audit?from={oldest}")).await.len() > known.len());

    let check = root.get("/api/v1/audit/verify").await;
    assert!(check["broken"].is_null() && check["kept"].is_null(), "{check}");
    let newest = check["newest"].as_str().unwrap();
    let kept = root.get(&format!("/api/v1/audit/verify?head={newest}")).await;
    assert_eq!(kept["kept"], true);
    let other = root.get(&format!("/api/v1/audit/verify?head={}", "0".repeat(64))).await;
    assert_eq!((&other["broken"], &other["kept"]), (&Value::Null, &json!(false)));

    let file = root.ask(Method::GET, "/api/v1/audit/export").send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "application/x-ndjson");
    let text = file.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["entry"]["deed"], "set-up");
    assert_eq!(lines.last().unwrap()["entry"]["deed"], "export");
    assert!(lines.iter().any(|line| line["link"] == newest));
    assert!(!lines.iter().any(|line| line["entry"]["who"]["name"] == "far"), "another admin's");
    let none = format!("/api/v1/audit/export?to={oldest}");
    assert_eq!(root.get(&none).await, "");

    server
        .place
        .meddle("UPDATE audit SET line = replace(line, 'root', 'toor') WHERE number = 1")
        .await;
    let broken = root.get("/api/v1/audit/verify").await;
    assert!(broken["broken"].as_str().unwrap().contains("entry 1 was changed"), "{broken}");
    assert!(broken["entries"].is_null());
}

// The service goes on while the command runs, though this waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_makes_accounts_and_finds_what_was_tampered_with() {
    let server = Server::in_the_morning().await;
    let region = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let add =
        ["account", "add", "root", "--agency", "310000", "--role", "admin", "--region", region];
    let added = pilin(&server, &add);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let password = text(&added.stdout).trim().to_owned();
    let body = json!({"name": "root", "password": password});
    told(server.ask(Method::POST, "/api/v1/session").json(&body), StatusCode::OK).await;
    let scope = ["--scope", "ingest:position"];
    let token = ["token", "add", "bus", "--agency", "310000", "--region", region];
    assert!(text(&pilin(&server, &[&token[..], &scope].concat()).stdout).starts_with("pilin_"));
    let unknown = pilin(&server, &["account", "disable", "nobody"]);
    assert!(!unknown.status.success());
    assert!(text(&pilin(&server, &["account", "list"]).stdout).starts_with("root\tadmin\t310000"));

    let verified = text(&pilin(&server, &["audit", "verify"]).stdout);
    assert!(verified.starts_with("3 entries hold; newest link "), "{verified}");
    let head = verified.trim().rsplit(' ').next().unwrap().to_owned();
    let exported = text(&pilin(&server, &["audit", "export"]).stdout);
    let lines: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let deeds: Vec<_> = lines.iter().map(|line| line["entry"]["deed"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["add-account", "sign-in", "add-token", "export"]);
    assert_eq!(lines[0]["entry"]["who"], json!({"kind": "operator", "name": "operator"}));

    assert!(pilin(&server, &["audit", "verify", "--head", &head]).status.success());
    let why = || text(&pilin(&server, &["audit", "verify"]).stderr);
    server.place.meddle("DELETE FROM audit WHERE number >= 3").await;
    assert_eq!(why(), "", "a cut end shows no seam");
    let cut = pilin(&server, &["audit", "verify", "--head", &head]);
    assert!(text(&cut.stderr).contains("its end was cut off"), "{}", text(&cut.stderr));
    server
        .place
        .meddle("UPDATE audit SET line = replace(line, 'root', 'toor') WHERE number = 1")
        .await;
    assert!(why().contains("entry 1 was changed"), "{}", why());
    server.place.meddle("DELETE FROM audit WHERE number = 1").await;
    assert!(why().contains("entry 2 stands where entry 1 should"), "{}", why());
}
