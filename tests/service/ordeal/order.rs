//! What a power cut leaves: an answer is sent only after the disk has said that it has
//! what it tells of. Seen by the server's own calls to the system.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;

use super::cluster::Cluster;
use super::device::{Device, serve_by, until};
use super::load::now;
use crate::port;

const CALLS: &str = "trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync";

/// A server every call of which is written down.
struct Watched {
    device: Device,
    trace: PathBuf,
    _server: Child,
}

/// One call: the lines of the trace in which it begins and ends.
#[derive(Debug)]
struct Call {
    begun: usize,
    ended: usize,
    text: String,
}

impl Watched {
    async fn serve(folder: &TempDir, flags: &[String]) -> Self {
        let trace = folder.path().join("trace");
        let by = ["strace", "-f", "-y", "-s", "64", "-e", CALLS, "-o", trace.to_str().unwrap()];
        // When strace goes, so does the server.
        let by = [&by[..], &["setpriv", "--pdeathsig", "KILL"]].concat();
        let port = port::free().port();
        let server = serve_by(&by, port, flags);
        let device = Device::of(port);
        device.ready(|_| true).await;
        let watched = Self { device, trace, _server: server };
        // What strace has seen it may not have written yet.
        until("strace has written down that the server is ready", async || {
            watched.calls().iter().any(|call| call.text.contains("HTTP/1.1 200 "))
        })
        .await;
        watched
    }

    /// Posts one report; the calls from then until it was answered with a status, the
    /// last of which is the answer.
    async fn calls_of_a_report(&self, key: &str, status: u16) -> Vec<Call> {
        let before = self.trace().lines().count();
        let report: Value = json!({"source": "order", "external_id": key, "lon": -71.05,
            "lat": 42.32, "matter": "graffiti-removal", "occurred_at": now()});
        self.device.post("incidents", &[report]).await;
        let answer = format!("HTTP/1.1 {status} ");
        let mut calls = Vec::new();
        until(&format!("“{answer}” is in the trace"), async || {
            calls = self.calls();
            calls.retain(|call| call.begun >= before);
            let last = calls.iter().position(|call| call.text.contains(&answer));
            last.inspect(|last| calls.truncate(last + 1)).is_some()
        })
        .await;
        calls
    }

    fn trace(&self) -> String {
        std::fs::read_to_string(&self.trace).unwrap()
    }

    /// The calls that have ended, by their beginnings.
    fn calls(&self) -> Vec<Call> {
        let trace = self.trace();
        let mut open: HashMap<&str, (usize, &str)> = HashMap::new();
        let mut calls = Vec::new();
        for (at, line) in trace.lines().enumerate() {
            let Some((task, text)) = line.split_once(' ') else { continue };
            let text = text.trim_start();
            if let Some(text) = text.strip_suffix(" <unfinished ...>") {
                open.insert(task, (at, text));
            } else if let Some((_, rest)) = text.split_once(" resumed>") {
                if let Some((begun, text)) = open.remove(task) {
                    calls.push(Call { begun, ended: at, text: format!("{text}{rest}") });
                }
            } else {
                calls.push(Call { begun: at, ended: at, text: text.to_owned() });
            }
        }
        calls.sort_by_key(|call| call.begun);
        calls
    }
}

/// The report was written to a file, the file was synced after that, and only then was
/// the answer begun.
fn check_order(calls: &[Call], file: &str) {
    let answer = calls.last().unwrap();
    let of_file = |call: &&Call| call.text.contains(file);
    let is_write =
        |call: &&Call| call.text.starts_with("write(") || call.text.starts_with("pwrite64(");
    let is_sync = |call: &&Call| {
        let named = call.text.starts_with("fdatasync(") || call.text.starts_with("fsync(");
        named && call.text.ends_with("= 0")
    };
    let written = calls.iter().filter(of_file).filter(is_write).map(|call| call.ended).max();
    let written = written.unwrap_or_else(|| panic!("nothing went into {file}: {calls:#?}"));
    let synced = calls.iter().filter(of_file).filter(is_sync).find(|call| call.begun > written);
    let synced = synced.unwrap_or_else(|| panic!("{file} was not synced: {calls:#?}"));
    assert!(synced.ended < answer.begun, "{calls:#?}");
}

#[tokio::test]
async fn an_answer_is_sent_after_the_disk_has_what_it_tells_of() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = format!("sqlite:{}", folder.path().join("pilin.db").display());
    let watched = Watched::serve(&folder, &["--store".to_owned(), store]).await;
    for key in ["1", "2", "3"] {
        check_order(&watched.calls_of_a_report(key, 200).await, "pilin.db-wal");
    }
}

#[tokio::test]
async fn what_is_told_to_be_kept_is_on_the_disk_of_the_spool() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start();
    let spool = folder.path().join("spool").display().to_string();
    let flags = ["--store", &cluster.url(), "--spool", &spool].map(str::to_owned);
    let watched = Watched::serve(&folder, &flags).await;
    cluster.stop();
    for key in ["1", "2", "3"] {
        check_order(&watched.calls_of_a_report(key, 202).await, ".spool>");
    }
}
