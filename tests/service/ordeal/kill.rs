//! Killed at any moment, neither the service nor its store loses anything that was
//! acknowledged, or keeps anything twice.

use std::time::Duration;

use pilin::config::StoreAddress;
use pilin::service::open_store;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tempfile::TempDir;
use tokio::process::Child;
use tokio::time::sleep;

use super::check::{check_checkpoints, check_log, check_shown, read_all};
use super::cluster::Cluster;
use super::device::{Device, serve, until};
use super::load::{Ledger, Load, SEED};
use crate::port;

const KILLS: u32 = 52;

/// A service, its store, and where they are.
struct Ordeal {
    device: Device,
    port: u16,
    flags: Vec<String>,
    server: Child,
    rng: Pcg64Mcg,
}

impl Ordeal {
    fn new(flags: Vec<String>) -> Self {
        let port = port::free().port();
        let server = serve(port, &flags);
        let rng = Pcg64Mcg::seed_from_u64(SEED);
        Self { device: Device::of(port), port, flags, server, rng }
    }

    /// For a while all goes well, though now and then a server does not even live to
    /// answer.
    async fn respite(&mut self, kill: u32) {
        if kill % 5 != 4 {
            self.ready().await;
        }
        sleep(Duration::from_millis(self.rng.random_range(20..400))).await;
    }

    /// Starts a server again that did not find its database, as systemd does.
    async fn ready(&mut self) {
        until("the server gets ready", async || {
            let ready = self.device.try_to_be_ready(|_| true).await.is_some();
            if !ready && self.server.try_wait().unwrap().is_some() {
                self.start_server();
            }
            ready
        })
        .await;
    }

    async fn kill_server(&mut self) {
        self.server.kill().await.unwrap();
    }

    fn start_server(&mut self) {
        self.server = serve(self.port, &self.flags);
    }

    /// Ends, and looks at what stands in the store.
    async fn conclude(mut self, load: Load, address: &StoreAddress) -> Ledger {
        self.ready().await;
        load.came_through(200, 2_000).await;
        let ledger = load.end().await;
        self.device.settled().await;
        until_one_is_taken(address).await;
        let alerts = self.device.get("/api/v1/alerts?limit=1000").await;
        let units = self.device.get("/api/v1/units").await;
        self.kill_server().await;
        let store = open_store(address).await.unwrap().store;
        let log = read_all(&*store).await;
        check_log(&*store, &log, &ledger).await;
        let replayed = check_checkpoints(&*store, &log).await;
        check_shown(&replayed, &alerts, &units);
        ledger
    }
}

/// Waits for a checkpoint, which is taken behind what is answered, however slow the
/// machine is.
async fn until_one_is_taken(address: &StoreAddress) {
    let store = open_store(address).await.unwrap().store;
    until("a checkpoint is taken", async || !store.checkpoints().await.unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let address = StoreAddress::Sqlite(folder.path().join("pilin.db"));
    let mut ordeal = Ordeal::new(vec!["--store".to_owned(), address.to_string()]);
    ordeal.device.ready(|_| true).await;
    let load = Load::begin(&ordeal.device, Duration::ZERO).await;
    for kill in 0..KILLS {
        ordeal.respite(kill).await;
        ordeal.kill_server().await;
        ordeal.start_server();
    }
    ordeal.conclude(load, &address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn though_server_and_database_are_killed_in_turn_nothing_acknowledged_is_lost_or_doubled() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start();
    let address: StoreAddress = cluster.url().parse().unwrap();
    let spool = folder.path().join("spool").display().to_string();
    let flags = ["--store", &cluster.url(), "--spool", &spool].map(str::to_owned).to_vec();
    let mut ordeal = Ordeal::new(flags);
    ordeal.device.ready(|_| true).await;
    let load = Load::begin(&ordeal.device, Duration::ZERO).await;
    for kill in 0..KILLS {
        ordeal.respite(kill).await;
        // The server, the database, the server, both at once.
        let (server, database) = (kill % 4 != 1, kill % 2 == 1);
        if database {
            cluster.kill();
        }
        if server {
            ordeal.kill_server().await;
        }
        if database {
            cluster.wake();
        }
        if server {
            ordeal.start_server();
        }
    }
    let heard = std::sync::Arc::clone(&ordeal.device.heard);
    ordeal.conclude(load, &address).await;
    println!("{KILLS} kills; {heard:?}");
}
