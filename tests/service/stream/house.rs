//! The built binary in a process of its own, over a store that outlasts it.

use std::net::SocketAddr;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::place::Place;
use crate::port;

#[derive(Debug)]
pub struct House {
    pub address: SocketAddr,
    place: Place,
    child: Child,
    http: reqwest::Client,
}

impl House {
    pub async fn open() -> Self {
        let place = Place::new().await;
        let address = port::free();
        let child = start(address, &place);
        let house = Self { address, place, child, http: reqwest::Client::new() };
        house.ready().await;
        house
    }

    /// Kills the server without a word, and starts it again in the same place.
    pub async fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = start(self.address, &self.place);
        self.ready().await;
    }

    async fn ready(&self) {
        let patience = Instant::now();
        let url = format!("http://{}/readyz", self.address);
        while !self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(patience.elapsed() < Duration::from_mins(1), "the server does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn url(&self) -> String {
        format!("ws://{}/connection/websocket", self.address)
    }

    /// Posts lines; the answer, in which nothing is refused.
    pub async fn post(&self, what: &str, lines: &[String]) -> Value {
        let url = format!("http://{}/api/v1/{what}", self.address);
        let request = self.http.post(url).header("content-type", "application/x-ndjson");
        let answer = request.body(lines.join("\n")).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["refused"], serde_json::json!([]), "{answer}");
        answer
    }

    /// Two points a few metres apart, on both sides of the province border that
    /// lies between two others.
    pub async fn across(&self, mut here: [f64; 2], mut there: [f64; 2]) -> ([f64; 2], [f64; 2]) {
        let home = self.province(here).await;
        assert_ne!(home, self.province(there).await);
        for _ in 0..15 {
            let middle = [0, 1].map(|axis| f64::midpoint(here[axis], there[axis]));
            if self.province(middle).await == home { here = middle } else { there = middle }
        }
        (here, there)
    }

    async fn province(&self, [lng, lat]: [f64; 2]) -> Value {
        let url = format!("http://{}/api/v1/locate?lon={lng}&lat={lat}", self.address);
        let answer = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["province"]["code"].clone()
    }

    /// Its memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<f64>().unwrap() / 256.0
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(address: SocketAddr, place: &Place) -> Child {
    let store = place.address().to_string();
    let region = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    Command::new(env!("CARGO_BIN_EXE_pilin"))
        .args(["serve", "--listen", &address.to_string(), "--region", region])
        .args(["--store", &store, "--spool-mib", "0", "--log", "warn"])
        .spawn()
        .unwrap()
}

/// An incident of a number, occurred just now.
pub fn report(number: u64, lng: f64, lat: f64) -> String {
    let at = now();
    format!(
        r#"{{"source":"test","external_id":"{number}","matter":"exposed-refuse","lon":{lng:.6},"lat":{lat:.6},"occurred_at":"{at}","provenance":"simulated"}}"#
    )
}

#[expect(clippy::disallowed_methods, reason = "the server keeps the machine's time")]
fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}
