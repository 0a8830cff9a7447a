//! Clients nobody here wrote: the packages of npm and `PyPI`, each in a process of
//! its own that prints what it hears (tests/clients).

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pilin::domain::AlertStep;
use pilin::stream::Limits;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::harness::python;

use super::stage::{Stage, alert, limits, moved, unit};

const PATIENCE: Duration = Duration::from_secs(20);

/// A program that speaks for a package.
#[derive(Clone, Copy, Debug)]
pub enum Package {
    Npm,
    PyPi,
}

/// A package at work.
#[derive(Debug)]
pub struct Sdk {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Sdk {
    pub fn watch(package: Package, url: &str, channels: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = match package {
            Package::Npm => {
                let mut node = Command::new("node");
                node.arg("--experimental-websocket").arg("--no-warnings");
                node.arg(root.join("tests/clients/watch.mjs"));
                node
            }
            Package::PyPi => {
                let mut python = Command::new(python());
                python.arg(root.join("tests/clients/watch.py"));
                python
            }
        };
        command.arg(url).args(channels).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What it says next.
    pub async fn hear(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("it says nothing");
        let line = line.unwrap().expect("it has ended");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("it says {line}"))
    }

    /// The next event of that name, past others.
    pub async fn until(&mut self, event: &str) -> Value {
        loop {
            let heard = self.hear().await;
            if heard["event"] == event {
                return heard;
            }
        }
    }

    /// Stops the process where it stands, or has it go on.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let done = std::process::Command::new("kill").args([name, &id]).status().unwrap();
        assert!(done.success());
    }
}

/// The ids it has heard of in a channel of incidents, as a page would keep them.
#[derive(Debug, Default)]
pub struct Heard {
    pub ids: Vec<u64>,
    pub resets: u32,
    pub resumes: u32,
    /// The codes with which the connection was lost.
    pub codes: Vec<u64>,
}

impl Heard {
    /// Waits for the first snapshot.
    pub async fn subscribed(&mut self, sdk: &mut Sdk) {
        let heard = sdk.until("subscribed").await;
        self.resets += 1;
        self.keep(&heard);
    }

    pub async fn until(&mut self, sdk: &mut Sdk, count: usize) {
        while self.ids.len() < count {
            let heard = sdk.hear().await;
            match heard["event"].as_str().unwrap() {
                "connecting" => self.codes.push(heard["code"].as_u64().unwrap()),
                "subscribed" if heard["recovered"] == true => self.resumes += 1,
                "subscribed" => {
                    self.resets += 1;
                    self.ids.clear();
                    self.keep(&heard);
                }
                "publication" => self.keep(&heard),
                _ => {}
            }
        }
    }

    fn keep(&mut self, heard: &Value) {
        let rows = heard["data"]["rows"].as_array().unwrap();
        self.ids.extend(rows.iter().map(|row| row[0].as_u64().unwrap()));
    }
}

async fn hears_every_channel(package: Package) {
    let stage = Stage::open(limits()).await;
    stage.commit(vec![alert(1, AlertStep::Raised, 5), unit(1), moved(1, 120.95, 0)]);
    let cell = "units:12/3424/1676@200ms";
    let mut sdk = Sdk::watch(package, &stage.url(), &["alerts", cell]);
    let mut data = [Value::Null, Value::Null];
    for _ in 0..2 {
        let heard = sdk.until("subscribed").await;
        data[usize::from(heard["channel"] == cell)] = heard["data"].clone();
    }
    assert_eq!(data[0]["alerts"][0]["border"]["name"], "上海市—江苏省");
    assert_eq!(data[1]["rows"][0][0], 1);
    stage.commit(vec![alert(1, AlertStep::Updated, 6)]);
    assert_eq!(sdk.until("publication").await["data"]["changes"][0]["alert"]["members"], 6);
    stage.commit(vec![moved(1, 121.05, 1)]);
    assert_eq!(sdk.until("publication").await["data"]["gone"][0], 1);
}

async fn resumes_across_a_restart(package: Package) {
    let stage = Stage::open(limits()).await;
    stage.report(1..4);
    let mut sdk = Sdk::watch(package, &stage.url(), &["incidents:all"]);
    let mut heard = Heard::default();
    heard.until(&mut sdk, 3).await;
    stage.report(4..7);
    heard.until(&mut sdk, 6).await;
    let stage = stage.restart(1).await;
    stage.report(7..9);
    heard.until(&mut sdk, 8).await;
    assert_eq!(heard.ids, (1..9).collect::<Vec<_>>());
    assert_eq!((heard.resets, heard.resumes), (1, 1));
    assert!(heard.codes.contains(&3001), "{:?}", heard.codes);
}

async fn is_sent_away_when_it_stops_reading_and_catches_up(package: Package) {
    const BATCHES: u64 = 200;
    let stage = Stage::open(Limits { resume_bytes: 64 << 20, ..limits() }).await;
    stage.report(1..2);
    let mut sdk = Sdk::watch(package, &stage.url(), &["incidents:all"]);
    let mut heard = Heard::default();
    heard.until(&mut sdk, 1).await;
    sdk.signal("-STOP");
    for batch in 0..BATCHES {
        stage.report(batch * 1000 + 2..batch * 1000 + 1002);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    sdk.signal("-CONT");
    heard.until(&mut sdk, usize::try_from(BATCHES * 1000 + 1).unwrap()).await;
    assert_eq!(heard.ids, (1..BATCHES * 1000 + 2).collect::<Vec<_>>());
    assert_eq!((heard.resets, heard.resumes), (1, 1));
    assert!(heard.codes.contains(&3008), "{:?}", heard.codes);
}

async fn answers_pings(package: Package) {
    let hasty =
        Limits { ping: Duration::from_secs(1), pong: Duration::from_millis(500), ..limits() };
    let stage = Stage::open(hasty).await;
    let mut sdk = Sdk::watch(package, &stage.url(), &["incidents:all"]);
    sdk.until("subscribed").await;
    tokio::time::sleep(Duration::from_millis(3500)).await;
    stage.report(1..2);
    assert_eq!(sdk.hear().await["event"], "publication", "it was not cut off meanwhile");
}

/// The same stories for each package.
macro_rules! stories {
    ($($module:ident: $package:expr),*) => {$(
        mod $module {
            use super::Package;

            #[tokio::test]
            async fn hears_every_channel() {
                super::hears_every_channel($package).await;
            }

            #[tokio::test]
            async fn resumes_across_a_restart() {
                super::resumes_across_a_restart($package).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn is_sent_away_when_it_stops_reading_and_catches_up() {
                super::is_sent_away_when_it_stops_reading_and_catches_up($package).await;
            }

            #[tokio::test]
            async fn answers_pings() {
                super::answers_pings($package).await;
            }
        }
    )*};
}

stories!(npm: Package::Npm, pypi: Package::PyPi);
