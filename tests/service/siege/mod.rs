//! Everybody who would stop the service at once, while twelve desks work.
//!
//! A stranger from many addresses, a wall, a device, and an officer and an admin of one
//! county do what they can against the built server, on loopback; meanwhile desks of twelve
//! other agencies report, read, sign in and listen. Nobody of these may be refused, nothing
//! acknowledged may be lost, whoever attacks is held off, and the service keeps within its
//! memory. How long things took is printed; it is judged only in `make soak`, which says by
//! `PILIN_SOAK_S` for how long the siege is.

mod collide;
mod desk;
mod device;
mod insiders;
mod people;
mod sockets;
mod stranger;
mod table;
mod web;
mod wire;

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pilin::config::{StoreAddress, Tls};
use pilin::domain::Event;
use pilin::service::open_store;
use rustix::process::{Resource, getrlimit, setrlimit};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::CancellationToken;

use crate::ordeal::check::read_all;
use crate::port;

use desk::Desk;
use table::{Table, resident_mb};
use web::Web;

/// For how long, unless `PILIN_SOAK_S` says otherwise: long enough for a head that does
/// not come to be cut.
const LASTS: Duration = Duration::from_secs(36);

/// How much longer it may last on a slow machine, until each attack was held off.
const MORE: Duration = Duration::from_mins(2);

/// How long the service rests after a long siege, before its memory is looked at again.
const REST: Duration = Duration::from_mins(1);

/// How long anything may take. That it is slow fails nothing; that it never comes does.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many work.
const DESKS: usize = 12;

/// Files that the service may have open, as on a machine where nobody raised that.
const FILES: &str = "--nofile=2048";

/// What strangers may write into the service's own log at most, bytes.
const MOST_LOGGED: u64 = 256 << 10;

/// What everybody is told.
#[derive(Clone, Debug)]
struct Field {
    port: u16,
    trusting: Arc<ClientConfig>,
    trusting_nobody: Arc<ClientConfig>,
    stop: CancellationToken,
    table: Arc<Table>,
}

impl Field {
    /// Makes a certificate for a server at a port.
    fn new(port: u16, folder: &Path) -> (Self, Tls) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("c.pem"), folder.join("k.pem"));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        let nobody = roots.clone();
        roots.add(made.cert.der().clone()).unwrap();
        let trusting = |roots| {
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap();
            Arc::new(config.with_root_certificates(roots).with_no_client_auth())
        };
        let (trusting, trusting_nobody) = (trusting(roots), trusting(nobody));
        let (stop, table) = (CancellationToken::new(), Arc::default());
        let field = Self { port, trusting, trusting_nobody, stop, table };
        (field, Tls { certificate, key })
    }

    fn base(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// A client that comes from one of the machine's own addresses.
    fn web(&self, from: [u8; 4]) -> Web {
        Web::new(self, from)
    }

    /// A connection from one of the machine's own addresses.
    async fn connect(&self, from: [u8; 4]) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).ok()?;
        let address = ([127, 0, 0, 1], self.port).into();
        timeout(PATIENCE, socket.connect(address)).await.ok()?.ok()
    }

    /// Whether the siege goes on, after a pause.
    async fn goes_on(&self, pause: Duration) -> bool {
        self.stop.run_until_cancelled(sleep(pause)).await.is_some()
    }
}

/// The built server, with few files, over HTTPS.
fn serve(port: u16, store: &StoreAddress, tls: &Tls, folder: &Path) -> Child {
    Command::new("prlimit")
        .args([FILES, env!("CARGO_BIN_EXE_pilin"), "serve"])
        .args(["--listen", &format!("127.0.0.1:{port}"), "--store", &store.to_string()])
        .args(["--region", concat!(env!("CARGO_MANIFEST_DIR"), "/data")])
        .arg("--tls-certificate")
        .arg(&tls.certificate)
        .arg("--tls-key")
        .arg(&tls.key)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("log")).unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Waits until it can work.
async fn ready(field: &Field) {
    let (web, begun) = (field.web([127, 0, 0, 1]), Instant::now());
    while !web.get("/readyz").await.is_ok_and(|answer| answer.status.is_success()) {
        assert!(begun.elapsed() < PATIENCE, "it does not start");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Those who attack.
async fn attack(field: &Field, secrets: &people::Secrets) -> JoinSet<()> {
    let mut attackers = JoinSet::new();
    let officer = people::attacker(field, [127, 0, 40, 1], "officer").await;
    let admin = people::attacker(field, [127, 0, 41, 1], "admin").await;
    let cookie = people::wall(field, [127, 0, 42, 1], &officer).await;
    let wall = field.web([127, 0, 42, 1]).with_cookies(&cookie);
    stranger::attack(field, &mut attackers);
    sockets::attack(field, &cookie, &secrets.positions, &mut attackers);
    device::attack(field, secrets, &mut attackers);
    insiders::read(field, "large answers to a wall", &wall, &mut attackers);
    insiders::read(field, "large answers to an officer", &officer, &mut attackers);
    attackers.spawn(insiders::acknowledge(field.clone(), officer));
    attackers.spawn(insiders::ask_for_all(field.clone(), admin.clone()));
    attackers.spawn(insiders::set_rules(field.clone(), admin));
    attackers
}

/// Reports that are stored.
async fn stored(address: &StoreAddress) -> HashSet<String> {
    let store = open_store(address).await.unwrap().store;
    let log = read_all(&*store).await;
    let events = log.iter().flat_map(|(_, batch)| &batch.events);
    let reports = events.filter_map(|event| match event {
        Event::Incident(incident) => Some(incident.external_id.to_string()),
        _ => None,
    });
    reports.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes the whole machine: scripts/test.sh and soak.sh run it by itself"]
async fn under_siege_nobody_is_shut_out_and_nothing_is_lost() {
    // Both ends of all these connections are here.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    let soak = std::env::var("PILIN_SOAK_S").ok();
    let soak = soak.map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let address = StoreAddress::Sqlite(folder.path().join("pilin.db"));
    let secrets = people::make(&address).await;
    let port = port::free().port();
    let (field, tls) = Field::new(port, folder.path());
    let mut server = serve(port, &address, &tls, folder.path());
    ready(&field).await;
    let pid = server.id().unwrap();
    let before_mb = resident_mb(pid);

    let mut desks = JoinSet::new();
    for at in 0..DESKS {
        desks.spawn(Desk::sit_down(&field, at).await.work());
    }
    let mut attackers = attack(&field, &secrets).await;
    attackers.spawn(table::watch_memory(field.clone(), pid));

    sleep(soak.unwrap_or(LASTS)).await;
    let longer = Instant::now();
    while field.table.not_held_off().is_some() && longer.elapsed() < MORE {
        sleep(Duration::from_millis(100)).await;
    }
    field.stop.cancel();
    let worked = desks.join_all().await;
    let attacked = async {
        while let Some(attacker) = attackers.join_next().await {
            attacker.unwrap();
        }
    };
    attacked.await;
    let just_after_mb = resident_mb(pid);
    if soak.is_some() {
        sleep(REST).await;
    }
    println!("{}", field.table);
    println!("memory before: {before_mb} MB; after: {just_after_mb} MB");
    if soak.is_some() {
        println!("after {} s of rest: {} MB", REST.as_secs(), resident_mb(pid));
    }
    assert!(server.try_wait().unwrap().is_none(), "it lives");
    server.kill().await.unwrap();

    let acknowledged: HashSet<_> = worked.into_iter().flatten().collect();
    let stored = stored(&address).await;
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    assert!(acknowledged.len() > DESKS, "the desks worked");
    let logged = fs::metadata(folder.path().join("log")).unwrap().len();
    assert!(logged < MOST_LOGGED, "{logged} bytes of log");
    field.table.check();
    if soak.is_some() {
        field.table.check_times();
    }
}
