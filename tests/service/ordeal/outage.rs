//! The database is gone for a while, under load.

use std::path::Path;
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
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::check::{check_log, read_all};
use super::cluster::{Cluster, send};
use super::device::{Device, serve, until};
use super::load::{Ledger, Load, fix, now, unit};
use crate::port;
use crate::stream::wire::Client;

/// For how long the database is gone; `PILIN_TEST_OUTAGE_S` says otherwise.
const GONE: Duration = Duration::from_secs(8);

/// A page that has been told anything but this is amber.
const FRESH_MS: i64 = 5_000;

/// A service that takes longer to stop is killed by systemd, as docs/operate.md has it.
const STOP: Duration = Duration::from_secs(15);

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
    let new = NewPerson {
        name: "li".into(),
        display: "".into(),
        agency,
        password: None,
        must_change: false,
    };
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
    let before = device.heard.refused();
    for round in 0.. {
        let times =
            (0..5_000).map(|at| now() - 7_200_000 + start + (round * 5_000 + at) % 3_600_000);
        let fixes: Vec<_> = times.map(|at| ("car-0".to_owned(), at)).collect();
        let items: Vec<Value> = fixes.iter().map(|(unit, at)| fix(unit, *at, &mut rng)).collect();
        if device.try_to_post("positions", &items).await.is_none() {
            assert!(device.heard.refused() > before, "nobody answered");
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
    let mib = (8 + gone().as_secs() / 4).to_string();
    let flags = ["--store", &cluster.url(), "--spool", &spool, "--spool-mib", &mib];
    let port = port::free().port();
    let mut server = serve(port, &flags.map(str::to_owned));
    let bearer = HeaderValue::from_str(&format!("Bearer {secret}")).unwrap();
    let device = Device::with(port, HeaderMap::from_iter([(AUTHORIZATION, bearer)]));
    device.ready(|_| true).await;
    let socket = format!("ws://127.0.0.1:{port}/connection/websocket");
    let mut wall = Wall::watch(&socket, &secret).await;
    let load = Load::begin(&device, Duration::from_millis(20)).await;
    load.came_through(50, 500).await;
    wall.until_age(|age| age < FRESH_MS).await;
    let heard = &device.heard;
    assert!(heard.stored() > heard.kept(), "{heard:?}");

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
    wall.until_age(|age| age > old).await;
    let kept = heard.kept();
    until("they are answered at once", async || heard.kept() > kept + 20).await;

    // Full: now they are told when to come again.
    device.may_be_refused().await;
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
    device.must_be_taken().await;
    wall.until_age(|age| age < FRESH_MS).await;
    assert!(server.try_wait().unwrap().is_none());

    // Frozen: it is there, and answers nothing.
    let kept = heard.kept();
    cluster.freeze();
    wall.until_age(|age| age > FRESH_MS).await;
    until("they are answered all the same", async || heard.kept() > kept + 20).await;
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

/// A server on a database that all share, with a spool of its own.
struct Outpost {
    server: Child,
    device: Device,
    load: Load,
    port: u16,
    flags: Vec<String>,
}

impl Outpost {
    async fn open(cluster: &Cluster, spool: &Path, mib: &str) -> Self {
        let spool = spool.display().to_string();
        let flags = ["--store", &cluster.url(), "--spool", &spool, "--spool-mib", mib];
        let (port, flags) = (port::free().port(), flags.map(str::to_owned).to_vec());
        let (server, device) = (serve(port, &flags), Device::of(port));
        device.ready(|_| true).await;
        let load = Load::begin(&device, Duration::from_millis(20)).await;
        load.came_through(20, 200).await;
        Self { server, device, load, port, flags }
    }

    /// While the database is gone.
    async fn keeps(&self) {
        self.device.ready(|text| text.starts_with("ready; the store does not answer, ")).await;
        let kept = self.device.heard.kept();
        until("what comes is kept", async || self.device.heard.kept() > kept + 50).await;
    }

    /// Ends; what was acknowledged.
    async fn close(mut self) -> Ledger {
        let ledger = self.load.end().await;
        self.device.settled().await;
        self.server.kill().await.unwrap();
        ledger
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_servers_keep_of_one_database_is_in_it_once() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start();
    // Both are told of the same units, and of reports under the same names.
    let one = Outpost::open(&cluster, &folder.path().join("one"), "8").await;
    let two = Outpost::open(&cluster, &folder.path().join("two"), "8").await;
    for way in [Cluster::stop, Cluster::kill] {
        way(&mut cluster);
        for outpost in [&one, &two] {
            outpost.device.post("units", &[unit("late")]).await;
            outpost.keeps().await;
        }
        cluster.wake();
        for outpost in [&one, &two] {
            outpost.device.settled().await;
        }
    }
    let mut ledger = one.close().await;
    ledger.add(two.close().await);
    let store = open_store(&cluster.url().parse().unwrap()).await.unwrap().store;
    check_log(&*store, &read_all(&*store).await, &ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_does_not_bring_in_all_that_it_kept() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start();
    let spool = folder.path().join("spool");
    // So much takes several seconds to bring in.
    let mut outpost = Outpost::open(&cluster, &spool, "24").await;
    cluster.stop();
    outpost.keeps().await;
    outpost.device.may_be_refused().await;
    fill(&outpost.device, &outpost.load, 0).await;
    cluster.wake();
    // By then it works again, and much is left.
    outpost.device.ready(|text| !text.contains("the store does not answer")).await;
    send("-TERM", outpost.server.id().unwrap());
    let begun = Instant::now();
    let ended = timeout(Duration::from_mins(1), outpost.server.wait()).await;
    assert!(ended.expect("it ends").unwrap().success());
    println!("it stopped within {:?}", begun.elapsed());
    assert!(begun.elapsed() < STOP, "{:?}", begun.elapsed());
    let files = std::fs::read_dir(&spool).unwrap().map(|file| file.unwrap().metadata().unwrap());
    let left: u64 = files.map(|file| file.len()).sum();
    assert!(left > 1 << 20, "it has brought in all but {left} bytes before it ended");
    outpost.server = serve(outpost.port, &outpost.flags);
    outpost.device.settled().await;
    outpost.device.must_be_taken().await;
    let ledger = outpost.close().await;
    let store = open_store(&cluster.url().parse().unwrap()).await.unwrap().store;
    check_log(&*store, &read_all(&*store).await, &ledger).await;
}
