//! The disk of the embedded store is full.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pilin::config::StoreAddress;
use pilin::service::open_store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;
use tokio::time::sleep;

use super::check::{check_log, read_all};
use super::cluster::{is_root, send};
use super::device::{Device, serve_by, until};
use super::load::{Load, now};
use crate::port;
use crate::stream::wire::Client;

/// A server whose store is on a small disk of its own, which goes when it ends: large
/// enough for the write-ahead log at its longest, or it would be full by itself.
struct Ship {
    server: Child,
    device: Device,
    /// The disk, as it is seen from outside.
    disk: PathBuf,
    folder: TempDir,
}

impl Ship {
    async fn launch(more: &[String]) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let disk = folder.path().to_str().unwrap().to_owned();
        let mount = r#"mount -t tmpfs -o size=192m tmpfs "$0" && exec "$@""#;
        let mut by = vec!["unshare", "--mount"];
        if !is_root() {
            by.push("--map-root-user");
        }
        by.extend(["sh", "-c", mount, &disk]);
        let mut flags = vec!["--store".to_owned(), format!("sqlite:{disk}/pilin.db")];
        flags.extend_from_slice(more);
        let port = port::free().port();
        let server = serve_by(&by, port, &flags);
        let device = Device::of(port);
        device.ready(|_| true).await;
        let root = Path::new("/proc").join(server.id().unwrap().to_string()).join("root");
        let disk = root.join(folder.path().strip_prefix("/").unwrap());
        Self { server, device, disk, folder }
    }

    fn ballast(&self) -> PathBuf {
        self.disk.join("ballast")
    }

    /// Writes until nothing more goes onto the disk.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        for size in [1 << 16, 1] {
            loop {
                match file.write(&vec![7; size]) {
                    Ok(_) => {}
                    Err(why) if why.kind() == ErrorKind::StorageFull => break,
                    Err(why) => panic!("{why}"),
                }
            }
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    /// Ends, and looks at what stands in the store.
    async fn land(mut self, load: Load) {
        load.came_through(200, 2_000).await;
        let ledger = load.end().await;
        self.device.settled().await;
        // Not opened there: SQLite would resolve the path to a place of this process.
        send("-STOP", self.server.id().unwrap());
        let copy = self.folder.path();
        for file in ["pilin.db", "pilin.db-wal"] {
            std::fs::copy(self.disk.join(file), copy.join(file)).unwrap();
        }
        self.server.kill().await.unwrap();
        let address = StoreAddress::Sqlite(copy.join("pilin.db"));
        let store = open_store(&address).await.unwrap().store;
        check_log(&*store, &read_all(&*store).await, &ledger).await;
    }
}

/// Why a report is refused; the last pages that are free may take a few.
async fn refusal(device: &Device, load: &Load) -> Value {
    for nth in 0..1_000 {
        let key = format!("last-{nth}");
        let report = json!([{"source": "ordeal", "external_id": key, "matter":
            "graffiti-removal", "lon": -71.05, "lat": 42.32, "occurred_at": now()}]);
        if let Some(why) = device.refusal("incidents", &report).await {
            return why;
        }
        load.ledger.lock().unwrap().incidents.insert(key, None);
    }
    unreachable!("there is room still")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_reports_are_refused_in_clear_words_reading_goes_on_and_it_heals() {
    let ship = Ship::launch(&[]).await;
    let load = Load::begin(&ship.device, Duration::from_millis(5)).await;
    sleep(Duration::from_secs(2)).await;
    let socket = format!("{}/connection/websocket", ship.device.base.replace("http", "ws"));
    let mut wall = Client::connect(&socket).await;
    wall.subscribe("stats", None).await;

    ship.device.may_be_refused().await;
    ship.fill();
    let heard = || &ship.device.heard;
    until("many are refused", async || heard().refused() > 20).await;
    let why = refusal(&ship.device, &load).await;
    assert!(why["detail"].as_str().unwrap().contains("the store's disk is full"), "{why}");
    for list in ["alerts", "incidents", "units", "region"] {
        ship.device.get(&format!("/api/v1/{list}")).await;
    }
    let mut frames = 0;
    while wall.frame().await["push"]["pub"]["data"]["stored_ago_ms"].as_i64() < Some(3_000) {
        frames += 1;
        assert!(frames < 20, "it is told how old the picture is");
    }

    ship.empty();
    ship.device.settled().await;
    ship.device.must_be_taken().await;
    let before = heard().stored();
    until("reports are taken again", async || heard().stored() > before + 10).await;
    ship.land(load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_spool_on_another_disk_a_full_one_refuses_nobody() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let spool = ["--spool".to_owned(), folder.path().join("spool").display().to_string()];
    let ship = Ship::launch(&spool).await;
    let load = Load::begin(&ship.device, Duration::from_millis(5)).await;
    sleep(Duration::from_secs(1)).await;
    ship.fill();
    until("many are kept", async || ship.device.heard.kept() > 200).await;
    ship.empty();
    ship.device.settled().await;
    ship.land(load).await;
}
