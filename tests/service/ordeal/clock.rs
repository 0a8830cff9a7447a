//! The machine's date is wrong: for a moment, for hours, at the start or while it runs.

use std::path::PathBuf;
use std::process::{Command, Output};

use pilin::config::StoreAddress;
use pilin::domain::Time;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;

use super::cluster::send;
use super::device::{Device, REGION, serve_by, until};
use super::load::{now, unit};
use crate::place::Place;
use crate::port;

const MINUTE: i64 = 60_000;

/// Fixes that are in the store before anything goes wrong.
const FIXES: usize = 60;

/// Debian's faketime, for programs with several threads.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let library = |folder: std::io::Result<std::fs::DirEntry>| {
        folder.unwrap().path().join("faketime/libfaketimeMT.so.1")
    };
    folders.map(library).find(|library| library.exists()).expect("install faketime")
}

/// A machine whose clock is as far ahead as a file says.
struct Machine {
    folder: TempDir,
    library: String,
    place: Place,
    port: u16,
    device: Device,
}

impl Machine {
    fn of(place: Place) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let library = format!("LD_PRELOAD={}", faketime().display());
        let port = port::free().port();
        let machine = Self { folder, library, place, port, device: Device::of(port) };
        machine.shows("+0d");
        machine
    }

    fn lead(&self) -> PathBuf {
        self.folder.path().join("lead")
    }

    /// From now on its clock is so far ahead.
    fn shows(&self, lead: &str) {
        let next = self.folder.path().join("next");
        std::fs::write(&next, lead).unwrap();
        std::fs::rename(next, self.lead()).unwrap();
    }

    fn environment(&self) -> Vec<String> {
        let file = format!("FAKETIME_TIMESTAMP_FILE={}", self.lead().display());
        let settings = ["DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", "NO_FAKE_STAT=1"];
        let more = settings.map(str::to_owned);
        ["env".to_owned(), self.library.clone(), file].into_iter().chain(more).collect()
    }

    fn address(&self) -> String {
        match self.place.address() {
            StoreAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
            StoreAddress::Postgis(url) => url.with_password().to_owned(),
        }
    }

    async fn start(&self) -> Child {
        let environment = self.environment();
        let by: Vec<_> = environment.iter().map(|word| &**word).collect();
        let server = serve_by(&by, self.port, &["--store".to_owned(), self.address()]);
        self.device.ready(|_| true).await;
        server
    }

    /// `pilin` at this machine.
    fn run(&self, of: &[&str]) -> Output {
        let environment = self.environment();
        let mut command = Command::new(&environment[0]);
        command.args(&environment[1..]).arg(env!("CARGO_BIN_EXE_pilin")).args(of);
        command.args(["--store", &self.address()]).output().unwrap()
    }

    /// Says at this machine what time it is, on the way to a deed.
    fn say(&self, deed: &str, lead_ms: i64) -> String {
        let said = (now() + lead_ms).to_string();
        let done = self.run(&["clock", deed, "--now", &said, "--reason", "by the station's clock"]);
        String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
    }

    /// Waits until the service says so of its clock.
    async fn says(&self, what: &str) {
        self.device.ready(|text| text.contains(what)).await;
    }

    async fn fixes(&self) -> usize {
        let (from, to) = (now() - 180 * MINUTE, now() + MINUTE);
        let track = self.device.get(&format!("/api/v1/units/U/track?from={from}&to={to}")).await;
        track["fixes"].as_array().map_or_else(|| panic!("{track}"), Vec::len)
    }

    async fn alerts(&self) -> usize {
        self.device.get("/api/v1/alerts").await["alerts"].as_array().unwrap().len()
    }

    /// What the service takes for now, in minutes from what it is.
    async fn minutes_off(&self) -> i64 {
        let shown = self.device.get("/api/v1/clock").await["now"].as_str().unwrap().to_owned();
        (shown.parse::<Time>().unwrap() - now()) / MINUTE
    }

    /// A car and reports of now; what is taken is there at once.
    async fn report(&self, key: &str) {
        self.device.post("positions", &[fix(now())]).await;
        self.device.post("incidents", &[report(key)]).await;
    }
}

async fn stop(mut server: Child) {
    send("-TERM", server.id().unwrap());
    assert!(server.wait().await.unwrap().success());
}

fn fix(at: Time) -> Value {
    json!({"unit": "U", "lon": -71.05, "lat": 42.33, "at": at})
}

/// On the line between two neighbourhoods.
fn report(key: &str) -> Value {
    let nth = key.bytes().map(f64::from).sum::<f64>() % 16.0 - 8.0;
    json!({"source": "clock", "external_id": key, "matter": "graffiti-removal",
        "lon": LINE.0 + 0.000_2 * nth, "lat": LINE.1, "occurred_at": now() - MINUTE,
        "provenance": "simulated"})
}

const LINE: (f64, f64) = (-71.0589, 42.3259);

/// Sets up a picture: an hour of a car's positions, and an alert.
async fn set_up(machine: &Machine) -> usize {
    let device = &machine.device;
    device.post("units", &[unit("U")]).await;
    let minutes = 1..=i64::try_from(FIXES).unwrap();
    let fixes: Vec<_> = minutes.map(|ago| fix(now() - ago * MINUTE)).collect();
    device.post("positions", &fixes).await;
    let reports: Vec<_> = (0..150).map(spread).collect();
    device.post("incidents", &reports).await;
    let alerts = machine.alerts().await;
    assert!(alerts > 0, "reports on both sides of a line raise an alert");
    alerts
}

fn spread(nth: u8) -> Value {
    let (x, y) = (f64::from(nth % 15) - 7.0, f64::from(nth / 15) - 5.0);
    json!({"source": "spread", "external_id": nth.to_string(), "matter": "graffiti-removal",
        "lon": LINE.0 + 0.001_2 * x, "lat": LINE.1 + 0.001_2 * y, "occurred_at": now() - MINUTE,
        "provenance": "simulated"})
}

async fn nothing_is_lost_by_a_wrong_date(place: Place) {
    let machine = Machine::of(place);
    let server = machine.start().await;
    let alerts = set_up(&machine).await;
    stop(server).await;

    machine.shows("+400d");
    let server = machine.start().await;
    machine.says("days ahead of the time that goes on").await;
    machine.report("a").await;
    assert_eq!(machine.minutes_off().await, 0);
    assert_eq!((machine.fixes().await, machine.alerts().await), (FIXES + 1, alerts));
    machine.shows("+0d");
    machine.device.settled().await;
    for (lead, said) in [
        ("+6m", "min ahead of"),
        ("+8h", "h ahead of"),
        ("-8h", "h behind"),
        ("-400d", "days behind"),
    ] {
        machine.shows(lead);
        machine.says(said).await;
        machine.report(lead).await;
        assert_eq!(machine.minutes_off().await, 0, "{lead}");
    }
    stop(server).await;

    // Behind the log at the start, and then right.
    let server = machine.start().await;
    machine.says("days behind").await;
    machine.report("b").await;
    machine.shows("+0d");
    machine.device.settled().await;
    assert_eq!((machine.fixes().await, machine.alerts().await), (FIXES + 6, alerts));
    stop(server).await;
    let _server = machine.start().await;
    machine.device.settled().await;
    assert_eq!((machine.fixes().await, machine.alerts().await), (FIXES + 6, alerts));
}

async fn a_log_of_the_future_is_served_and_brought_back(place: Place) {
    let machine = Machine::of(place);
    let server = machine.start().await;
    let alerts = set_up(&machine).await;
    machine.shows("+400d");
    machine.says("days ahead").await;
    let refused = machine.say("confirm", 0);
    assert!(refused.contains("set it right first"), "{refused}");
    // Whoever looks at the same wrong clock.
    let confirmed = machine.say("confirm", 400 * 24 * 60 * MINUTE);
    assert!(confirmed.contains("confirmed at"), "{confirmed}");
    machine.device.settled().await;
    machine.report("a").await;
    until("the alerts have ended", async || machine.alerts().await == 0).await;
    machine.shows("+0d");
    machine.says("behind").await;
    stop(server).await;

    let server = machine.start().await;
    machine.says("pilin clock repair").await;
    machine.report("b").await;
    let confirmed = machine.say("confirm", 0);
    assert!(confirmed.contains("confirmed at"), "{confirmed}");
    machine.says("the log ends at").await;
    stop(server).await;

    let repaired = machine.say("repair", 0);
    assert!(repaired.contains("batches got a time before"), "{repaired}");
    let server = machine.start().await;
    machine.device.settled().await;
    assert_eq!((machine.fixes().await, machine.alerts().await), (FIXES + 2, alerts));
    assert_eq!(machine.minutes_off().await, 0);
    machine.report("c").await;
    stop(server).await;
    let again = machine.say("repair", 0);
    assert!(again.contains("there is nothing to repair"), "{again}");
    let log = machine.run(&["audit", "export"]);
    let log = String::from_utf8(log.stdout).unwrap();
    assert!(log.contains("\"repair-clock\"") && log.contains("by the station's clock"), "{log}");
}

#[tokio::test]
async fn nothing_is_lost_by_a_wrong_date_on_sqlite() {
    nothing_is_lost_by_a_wrong_date(Place::sqlite()).await;
}

#[tokio::test]
async fn nothing_is_lost_by_a_wrong_date_on_postgis() {
    nothing_is_lost_by_a_wrong_date(Place::postgis().await).await;
}

#[tokio::test]
async fn a_log_of_the_future_is_served_and_brought_back_on_sqlite() {
    a_log_of_the_future_is_served_and_brought_back(Place::sqlite()).await;
}

#[tokio::test]
async fn a_log_of_the_future_is_served_and_brought_back_on_postgis() {
    a_log_of_the_future_is_served_and_brought_back(Place::postgis().await).await;
}

/// What a token may do ends by the time that is believed, not by what the clock shows.
#[tokio::test]
async fn nobody_is_shut_out_by_a_wrong_date() {
    let machine = Machine::of(Place::sqlite());
    let made = machine.run(&[
        "account", "add", "li", "--agency", "250000", "--role", "officer", "--region", REGION,
    ]);
    assert!(made.status.success(), "{made:?}");
    let until = (now() + 24 * 60 * MINUTE).to_string();
    let made = machine.run(&[
        "token",
        "add",
        "map",
        "--agency",
        "250000",
        "--region",
        REGION,
        "--scope",
        "read:alerts",
        "--until",
        &until,
    ]);
    assert!(made.status.success(), "{made:?}");
    let secret = String::from_utf8(made.stdout).unwrap();
    let http = reqwest::Client::new();
    let asked = async || {
        let url = format!("{}/api/v1/alerts", machine.device.base);
        http.get(url).bearer_auth(secret.trim()).send().await.unwrap().status().as_u16()
    };
    let _server = machine.start().await;
    assert_eq!(asked().await, 200);
    for lead in ["+400d", "+8h", "-400d"] {
        machine.shows(lead);
        machine.says("the time that goes on").await;
        // Longer than what the store said is believed.
        tokio::time::sleep(std::time::Duration::from_millis(2_200)).await;
        assert_eq!(asked().await, 200, "{lead}");
    }
}
