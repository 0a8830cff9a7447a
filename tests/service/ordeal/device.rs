//! The built server, and a client that asks until it is answered, as a device in the
//! field does.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::sync::RwLock;
use tokio::time::{sleep, timeout};

pub const REGION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/boston");

/// After which something that must come about will not.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = Instant::now();
    while !is_so().await {
        assert!(asked.elapsed() < PATIENCE, "not in time: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The built server, killed when dropped.
pub fn serve(port: u16, flags: &[String]) -> Child {
    serve_by(&["env"], port, flags)
}

/// The same, started by another program, in whose place it comes or with which it ends.
pub fn serve_by(by: &[&str], port: u16, flags: &[String]) -> Child {
    Command::new(by[0])
        .args(&by[1..])
        .args([env!("CARGO_BIN_EXE_pilin"), "serve"])
        .args(["--listen", &format!("127.0.0.1:{port}"), "--region", REGION])
        // Checkpoints as often as can be, so that many a kill falls into one.
        .args(["--checkpoint-events", "300", "--log", "off"])
        .args(flags)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[derive(Clone, Debug)]
pub struct Device {
    http: reqwest::Client,
    pub base: String,
    /// What it was answered.
    pub heard: Arc<Heard>,
}

#[derive(Debug, Default)]
pub struct Heard {
    /// How often: stored,
    stored: AtomicU64,
    /// kept until the store is back,
    kept: AtomicU64,
    /// not taken.
    refused: AtomicU64,
    /// Whether it may be refused; held by each post as long as it is open.
    lenient: RwLock<bool>,
}

impl Heard {
    pub fn stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    pub fn kept(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Device {
    pub fn of(port: u16) -> Self {
        Self::with(port, HeaderMap::new())
    }

    /// One that shows something with every request.
    pub fn with(port: u16, headers: HeaderMap) -> Self {
        let http = reqwest::Client::builder().default_headers(headers).build().unwrap();
        Self { http, base: format!("http://127.0.0.1:{port}"), heard: Arc::default() }
    }

    /// Waits until the service says that it can work, and in which words.
    pub async fn ready(&self, fits: impl Fn(&str) -> bool) {
        until("the server is ready", async || self.try_to_be_ready(&fits).await.is_some()).await;
    }

    /// What the service says when it can work, if it fits.
    pub async fn try_to_be_ready(&self, fits: impl Fn(&str) -> bool) -> Option<String> {
        let answer = self.http.get(format!("{}/readyz", self.base)).send().await.ok()?;
        let text = answer.error_for_status().ok()?.text().await.ok()?;
        fits(&text).then_some(text)
    }

    /// Waits until all that was kept is in the store.
    pub async fn settled(&self) {
        self.ready(|text| text == "ready\n").await;
    }

    /// From now on it may be refused.
    pub async fn may_be_refused(&self) {
        *self.heard.lenient.write().await = true;
    }

    /// What is posted from now on may not be refused. Whatever is open ends first.
    pub async fn must_be_taken(&self) {
        let all_ended = timeout(PATIENCE, self.heard.lenient.write()).await;
        *all_ended.expect("every post is answered") = false;
    }

    /// Posts until it is taken; nothing in it is refused, nor it as a whole unless that
    /// may be.
    pub async fn post(&self, what: &str, items: &[Value]) -> Value {
        loop {
            if let Some(told) = self.try_to_post(what, items).await {
                return told;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Posts once; none if nobody answers, or it is refused.
    pub async fn try_to_post(&self, what: &str, items: &[Value]) -> Option<Value> {
        let lenient = self.heard.lenient.read().await;
        let url = format!("{}/api/v1/{what}", self.base);
        let body = items.iter().fold(String::new(), |body, item| body + &item.to_string() + "\n");
        let posted = self.http.post(&url).header("content-type", "application/x-ndjson");
        let answer = posted.body(body).send().await.ok()?;
        let status = answer.status();
        if status == StatusCode::SERVICE_UNAVAILABLE && *lenient {
            assert!(answer.headers().contains_key(RETRY_AFTER), "{:?}", answer.headers());
            self.heard.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        assert!(status.is_success(), "{what}: {status} {:?}", answer.text().await);
        let told = answer.json::<Value>().await.ok()?;
        assert_eq!(told["refused"], json!([]), "{what}");
        if status == StatusCode::ACCEPTED {
            assert_eq!(told["kept"], items.len(), "{told}");
            self.heard.kept.fetch_add(1, Ordering::Relaxed);
        } else {
            self.heard.stored.fetch_add(1, Ordering::Relaxed);
        }
        Some(told)
    }

    /// Posts once; why it is refused as a whole, unless it is taken.
    pub async fn refusal(&self, what: &str, items: &Value) -> Option<Value> {
        let url = format!("{}/api/v1/{what}", self.base);
        let answer = self.http.post(&url).json(items).send().await.unwrap();
        if answer.status().is_success() {
            return None;
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        Some(answer.json().await.unwrap())
    }

    pub async fn get(&self, what: &str) -> Value {
        self.http.get(format!("{}{what}", self.base)).send().await.unwrap().json().await.unwrap()
    }
}
