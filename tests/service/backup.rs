//! A copy of the embedded store, taken while the service runs.

use std::path::Path;
use std::process::{Command, Output};

use pilin::config::StoreAddress;
use pilin::store::{Sqlite, Store};
use serde_json::json;

use crate::alerts::{LINE, dumped};
use crate::harness::{MORNING, Server};

async fn serve(file: &Path) -> Server {
    let server =
        Server::with("data", |config| config.store = StoreAddress::Sqlite(file.to_owned())).await;
    server.clock(MORNING).await;
    server
}

fn back_up(from: &Path, to: &Path) -> Output {
    let store = format!("sqlite:{}", from.display());
    let mut pilin = Command::new(env!("CARGO_BIN_EXE_pilin"));
    pilin.args(["backup", "--store", &store]).arg(to).output().unwrap()
}

// The service goes on while the command runs, though this waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_running_store_is_served_as_it_stood_and_as_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let (first, copy) = (folder.path().join("pilin.db"), folder.path().join("copy.db"));
    let server = serve(&first).await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let done = back_up(&first, &copy);
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success() && said.contains("checked"), "{said}");
    server.post("/api/v1/incidents", &json!(dumped(LINE, 4, 4))).await;

    let again = back_up(&first, &copy);
    let why = String::from_utf8(again.stderr).unwrap();
    assert!(!again.status.success() && why.contains("there is such a file already"), "{why}");

    let (old, new) = (Sqlite::open(&first).await.unwrap(), Sqlite::open(&copy).await.unwrap());
    assert_ne!(old.epoch(), new.epoch());
    new.close().await;
    let restored = serve(&copy).await;
    let there = restored.get("/api/v1/incidents").await;
    assert_eq!(there["incidents"].as_array().unwrap().len(), 6);
    assert_eq!(restored.get("/api/v1/alerts").await["alerts"][0]["members"], 6);
}
