//! Everybody who would stop the service at once, while twelve desks work.
//!
//! A stranger from many addresses, a wall, a device and a county's admin do what they
//! can against the built server, on loopback; meanwhile desks of twelve agencies report,
//! read, sign in and listen. Nobody honest may be refused, nothing acknowledged may be
//! lost, and whoever attacks is held off; how long things took is printed, and decides
//! nothing. `PILIN_SOAK_S` says for how long (`make soak`: an hour).

mod admin;
mod desk;
mod device;
mod sockets;
mod stranger;
mod table;

use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use pilin::access::{Reach, Role, Scope};
use pilin::config::StoreAddress;
use pilin::domain::{Code, Event};
use pilin::gate::{Gate, NewPerson, Whence};
use pilin::service::{Opened, open_store};
use pilin::store::audit::Who;
use rustix::process::{Resource, getrlimit, setrlimit};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::access::people::PASSWORD;
use crate::ordeal::check::read_all;
use crate::ordeal::device::Device;
use crate::port;

use desk::Desk;
use table::Table;

/// For how long, unless `PILIN_SOAK_S` says otherwise: long enough for a head that does
/// not come to be cut.
const LASTS: Duration = Duration::from_secs(36);

/// Counties of all four provinces: a desk of each.
const COUNTIES: [&str; DESKS] = [
    "310101", "320117", "320505", "320813", "321202", "330205", "330481", "330822", "331181",
    "340403", "340826", "341225",
];
const DESKS: usize = 12;

/// What the service may hold at most, MB. What is built to be debugged holds more.
const MOST_MB: u64 = 768;

/// Files that the service may have open, as on a machine where nobody raised that.
const FILES: &str = "--nofile=2048";

/// What everybody is told.
#[derive(Clone, Debug)]
struct Field {
    port: u16,
    stop: CancellationToken,
    table: Arc<Table>,
}

impl Field {
    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A client that comes from one of the machine's own addresses.
    fn client(&self, from: [u8; 4]) -> reqwest::Client {
        let client = reqwest::Client::builder().local_address(std::net::IpAddr::from(from));
        client.timeout(Duration::from_mins(1)).build().unwrap()
    }

    /// A connection from one of the machine's own addresses.
    async fn connect(&self, from: [u8; 4]) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).ok()?;
        socket.connect(([127, 0, 0, 1], self.port).into()).await.ok()
    }

    /// Whether the siege goes on, after a pause.
    async fn goes_on(&self, pause: Duration) -> bool {
        self.stop.run_until_cancelled(sleep(pause)).await.is_some()
    }
}

fn lasts() -> Duration {
    let given = std::env::var("PILIN_SOAK_S").ok();
    given.map_or(LASTS, |seconds| Duration::from_secs(seconds.parse().unwrap()))
}

/// The built server, with few files.
fn serve(port: u16, store: &StoreAddress, folder: &Path) -> Child {
    Command::new("prlimit")
        .args([FILES, env!("CARGO_BIN_EXE_pilin"), "serve", "--log", "error"])
        .args(["--listen", &format!("127.0.0.1:{port}"), "--store", &store.to_string()])
        .args(["--region", concat!(env!("CARGO_MANIFEST_DIR"), "/data")])
        .current_dir(folder)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The secrets of tokens of a device.
struct Secrets {
    reports: String,
    positions: String,
}

/// Those who are known.
async fn let_in(address: &StoreAddress, counties: &[Code]) -> Secrets {
    let Opened { registry, ledger, .. } = open_store(address).await.unwrap();
    let gate = Gate::open(registry, ledger, pilin::pipeline::clock::wall).await.unwrap();
    let (who, here) = (|| Who::Operator { name: "root".into() }, Whence::default());
    let add = async |name: &str, agency, role| {
        let password = (role != Role::Wall).then(|| PASSWORD.to_owned());
        let new = NewPerson { name: name.into(), display: "".into(), agency, password };
        gate.add_account(who(), Reach::ALL, new, role, &here).await.unwrap();
    };
    for (at, county) in counties.iter().enumerate() {
        add(&format!("desk{at}"), *county, Role::Officer).await;
    }
    add("county", counties[0], Role::Admin).await;
    add("lobby", counties[0], Role::Commander).await;
    let token = async |name, scope| {
        let about = (name, counties[1]);
        gate.add_token(who(), Reach::ALL, about, &[scope], None, &here).await.unwrap().secret
    };
    Secrets {
        reports: token("reports", Scope::IngestIncident).await,
        positions: token("positions", Scope::IngestPosition).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes the whole machine: scripts/test.sh and soak.sh run it by itself"]
async fn under_siege_nobody_is_shut_out_and_nothing_is_lost() {
    // Both ends of all these connections are here.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let address = StoreAddress::Sqlite(folder.path().join("pilin.db"));
    let counties: Vec<Code> = COUNTIES.iter().map(|code| code.parse().unwrap()).collect();
    let secrets = let_in(&address, &counties).await;
    let port = port::free().port();
    let mut server = serve(port, &address, folder.path());
    Device::of(port).ready(|_| true).await;
    let field = Field { port, stop: CancellationToken::new(), table: Arc::default() };

    let mut desks = JoinSet::new();
    for at in 0..DESKS {
        let desk = Desk::sit_down(&field, at).await;
        desks.spawn(desk.work());
    }
    let mut attackers = JoinSet::new();
    stranger::attack(&field, &mut attackers);
    sockets::attack(&field, &secrets, &mut attackers).await;
    device::attack(&field, &secrets, &mut attackers);
    admin::attack(&field, &mut attackers);
    let pid = server.id().unwrap();
    attackers.spawn(table::watch_memory(field.clone(), pid));

    sleep(lasts()).await;
    field.stop.cancel();
    let mut acknowledged = HashSet::new();
    while let Some(desk) = desks.join_next().await {
        acknowledged.extend(desk.unwrap());
    }
    while let Some(attacker) = attackers.join_next().await {
        attacker.unwrap();
    }
    println!("{}", field.table);
    assert!(server.try_wait().unwrap().is_none(), "it lives");
    server.kill().await.unwrap();

    let store = open_store(&address).await.unwrap().store;
    let mut stored = HashSet::new();
    for event in read_all(&*store).await.iter().flat_map(|(_, batch)| &batch.events) {
        if let Event::Incident(incident) = event {
            stored.insert(incident.external_id.to_string());
        }
    }
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    assert!(acknowledged.len() > DESKS, "the desks worked");
    field.table.check(MOST_MB);
}
