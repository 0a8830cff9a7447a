//! The database is gone for a while, under load.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use pilin::access::{Reach, Role, Scope};
use pilin::config::StoreAddress;
use pilin::gate::{Gate, NewPerson, Whence};
use pilin::service::{Opened, open_store};
use pilin::store::audit::Who;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::check::{check_log, read_all};
use super::cluster::Cluster;
use super::device::{Device, free_port, serve};
use super::load::{Load, fix, now, unit};
use crate::stream::wire::Client;

/// For how long the database is gone; `PILIN_TEST_OUTAGE_S` says otherwise.
const GONE: Duration = Duration::from_secs(8);

/// A page that has been told anything but this is amber.
const FRESH_MS: i64 = 5_000;

fn gone() -> Duration {
    let given = std::env::var("PILIN_TEST_OUTAGE_S").ok();
    given.map_or(GONE, |seconds| Duration::from_secs(seconds.parse().unwrap()))
}

/// An account, so that everybody is asked who they are, and the secret of a device.
async fn let_in(address: &StoreAddress) -> String {
    let Opened { registry, ledger, .. } = open_store(address).await.unwrap();
    let gate = Gate::open(registry, ledger, pilin::pipeline::clock::wall).await.unwrap();
    let (who, here) = (|| Who::Operator { name: "root".into() }, Whence::default());
    let agency = "250000".parse().unwrap();
    let new = NewPerson { name: "li".into(), display: "".into(), agency, password: None };
    gate.add_account(who(), Reach::ALL, new, Role::Officer, &here).await.unwrap();
    let scopes = [Scope::IngestIncident, Scope::IngestPosition, Scope::IngestUnit, Scope::Stream];
    gate.add_token(who(), Reach::ALL, ("car", agency), &scopes, None, &here).await.unwrap().secret
}

/// A wall that stays connected, and what it was last told of the age of what it shows.
struct Wall {
    age: watch::Receiver<Option<i64>>,
    _listening: AbortOnDropHandle<()>,
}

impl Wall {
    async fn watch(url: &str, secret: &str) -> Self {
        let mut client = Client::connect_as(url, secret).await;
        client.subscribe("stats", None).await;
        let (told, age) = watch::channel(None);
        // Ends, and so is found out, when the wall is cut off.
        let listening = tokio::spawn(async move {
            loop {
                let frame = client.frame().await;
                told.send_replace(frame["push"]["pub"]["data"]["stored_ago_ms"].as_i64());
            }
        });
        Self { age, _listening: AbortOnDropHandle::new(listening) }
    }

    async fn until_age(&mut self, fits: impl Fn(i64) -> bool) -> i64 {
        let told = self.age.wait_for(|age| age.is_some_and(&fits));
        let told = timeout(Duration::from_mins(2), told).await.expect("it is told in time");
        told.expect("it stays connected").unwrap()
    }
}

/// Posts as much as can be until no more is taken; how often it was.
async fn fill(device: &Device, load: &Load, start: i64) -> i64 {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let refused = || device.heard.refused.load(Ordering::Relaxed);
    let before = refused();
    for round in 0.. {
        let times =
            (0..5_000).map(|at| now() - 7_200_000 + start + (round * 5_000 + at) % 3_600_000);
        let fixes: Vec<_> = times.map(|at| ("car-0".to_owned(), at)).collect();
        let items: Vec<Value> = fixes.iter().map(|(unit, at)| fix(unit, *at, &mut rng)).collect();
        if device.try_to_post("positions", &items).await.is_none() {
            assert!(refused() > before, "nobody answered");
            return round;
        }
        load.ledger.lock().unwrap().fixes.extend(fixes);
    }
    unreachable!("it was never full")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_gone_reports_are_kept_and_walls_say_that_they_are_old() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start();
    let address: StoreAddress = cluster.url().parse().unwrap();
    let secret = let_in(&address).await;
    let spool = folder.path().join("spool").display().to_string();
    let mib = (4 + gone().as_secs()).to_string();
    let flags = ["--store", &cluster.url(), "--spool", &spool, "--spool-mib", &mib];
    let port = free_port();
    let mut server = serve(port, &flags.map(str::to_owned));
    let bearer = HeaderValue::from_str(&format!("Bearer {secret}")).unwrap();
    let device = Device::with(port, HeaderMap::from_iter([(AUTHORIZATION, bearer)]));
    device.ready(|_| true).await;
    let socket = format!("ws://127.0.0.1:{port}/connection/websocket");
    let mut wall = Wall::watch(&socket, &secret).await;
    let load = Load::begin(&device, Duration::from_millis(20)).await;
    sleep(Duration::from_secs(2)).await;
    assert!(wall.until_age(|_| true).await < FRESH_MS);
    let heard = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    assert_eq!(heard(&device.heard.kept), 0);

    // Gone: whoever reports is answered, and nobody is refused.
    cluster.stop();
    let begun = Instant::now();
    device.ready(|text| text.starts_with("ready; the store does not answer, ")).await;
    device.post("units", &[unit("late-1"), unit("late-2")]).await;
    let fixes: Vec<_> =
        (0..10).map(|second| ("late-1".to_owned(), now() - 1_000 * second)).collect();
    let mut rng = Pcg64Mcg::seed_from_u64(8);
    let items: Vec<_> = fixes.iter().map(|(unit, at)| fix(unit, *at, &mut rng)).collect();
    device.post("positions", &items).await;
    load.ledger.lock().unwrap().fixes.extend(fixes);
    let old = wall.until_age(|age| age > FRESH_MS).await;
    sleep(gone().saturating_sub(begun.elapsed())).await;
    assert!(wall.until_age(|_| true).await > old);
    assert!(heard(&device.heard.kept) > 100, "{:?}", device.heard);

    // Full: now they are told when to come again.
    device.heard.lenient.store(true, Ordering::Relaxed);
    let filled = fill(&device, &load, 0).await;
    assert!(filled > 5, "it was full after {filled} large posts");

    // Back: all is brought in, and nothing had to be started anew.
    cluster.wake();
    let back = Instant::now();
    device.settled().await;
    println!(
        "gone for {:?}, brought in within {:?}: {:?}",
        back - begun,
        back.elapsed(),
        device.heard
    );
    // Who was refused a moment ago may not have heard it yet.
    sleep(Duration::from_millis(500)).await;
    device.heard.lenient.store(false, Ordering::Relaxed);
    wall.until_age(|age| age < FRESH_MS).await;
    assert!(server.try_wait().unwrap().is_none());

    // Frozen: it is there, and answers nothing.
    let kept = heard(&device.heard.kept);
    cluster.freeze();
    sleep(Duration::from_secs(6)).await;
    assert!(heard(&device.heard.kept) > kept, "{:?}", device.heard);
    cluster.thaw();
    wall.until_age(|age| age < FRESH_MS).await;
    load.came_through(200, 2_000).await;
    let ledger = load.end().await;
    device.settled().await;
    println!("{:?}", device.heard);
    drop(wall);
    server.kill().await.unwrap();

    let store = open_store(&address).await.unwrap().store;
    check_log(&*store, &read_all(&*store).await, &ledger).await;
}
