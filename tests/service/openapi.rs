//! What the service says of its own doors.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tokio::process::Command;

use crate::access::people::set_up;
use crate::harness::{Server, python};

/// Doors for people, not programs.
const PAGES: &[&str] =
    &["/", "/wall", "/desk", "/sign-in", "/setup", "/admin", "/api", "/assets/{*file}"];

/// The document is kept for the pages' client to be made from; the check of the
/// contract finds it changed if the doors have.
#[tokio::test]
async fn the_document_says_every_door_and_nothing_else() {
    let server = Server::start().await;
    let document = server.get("/api/v1/openapi.json").await;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/contract/openapi.json");
    fs::write(kept, serde_json::to_string_pretty(&document).unwrap() + "\n").unwrap();

    assert_eq!(document["openapi"], "3.1.0");
    let there = server.doors.iter().filter(|door| !PAGES.contains(&door.path));
    let there = there.filter(|door| door.path != "/api/v1/openapi.json");
    let there: BTreeSet<_> =
        there.map(|door| format!("{} {}", door.verb.to_lowercase(), door.path)).collect();
    let paths = document["paths"].as_object().unwrap();
    let said = paths.iter().flat_map(|(path, verbs)| {
        verbs.as_object().unwrap().keys().map(move |verb| format!("{verb} {path}"))
    });
    assert_eq!(said.collect::<BTreeSet<_>>(), there);

    let operations = || paths.values().flat_map(|verbs| verbs.as_object().unwrap().values());
    let names = operations().map(|operation| operation["operationId"].as_str().unwrap());
    assert_eq!(names.collect::<BTreeSet<_>>().len(), there.len(), "a name is there twice");
}

/// Schemathesis makes requests of the document, good and bad: nothing is answered
/// that it does not say, and nothing fails by the service's own fault.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_is_what_the_document_says() {
    let server = Server::in_the_morning().await;
    probe(&server, &[]).await;
    drop(server);

    let server = Server::in_the_morning().await;
    let admin = set_up(&server, "310000").await;
    let (cookie, origin) =
        (format!("Cookie: {}", admin.cookie), format!("Origin: {}", server.url()));
    probe(&server, &["-H", &cookie, "-H", &origin]).await;
    admin.get("/api/v1/accounts").await;
}

async fn probe(server: &Server, headers: &[&str]) {
    let st = python().with_file_name("st");
    let mut probe = Command::new(st);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,\
                  response_schema_conformance";
    probe.args(["run", &format!("{}/api/v1/openapi.json", server.url())]);
    probe.args(["--checks", checks, "--max-examples", "25", "--seed", "1", "--no-color"]);
    // The sockets are no HTTP; whoever ends their own session is nobody from then on.
    probe.args(["--exclude-path-regex", "websocket|/ingest$"]);
    for name in ["signOut", "endSession", "changePassword", "resetPassword"] {
        probe.args(["--exclude-operation-id", name]);
    }
    let folder = tempfile::tempdir().unwrap();
    let told = probe.args(headers).current_dir(folder.path()).output().await.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}
