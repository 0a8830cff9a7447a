//! A whole service in this process, on a port and a store of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use pilin::access::{Reach, Role, Scope};
use pilin::api::Door;
use pilin::config::{ClockKind, Config, Layer};
use pilin::gate::{Gate, NewPerson, Whence};
use pilin::service::{RulesFile, Service, Tuning};
use pilin::store::audit::Who;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::place::{Opened, Place};
use crate::port;

/// A Wednesday morning in the delta: where driven clocks stand at first.
pub const MORNING: &str = "2026-03-04T08:00:00+08:00";

/// A running service.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub http: reqwest::Client,
    /// The key with which the first account can be made.
    pub setup_key: Option<String>,
    /// Its doors.
    pub doors: Vec<Door>,
    /// The rules' file of its region.
    pub rules: RulesFile,
    /// Where its store is.
    pub place: Arc<Place>,
    config: Config,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves the delta; its clock is driven and not set yet.
    pub async fn start() -> Self {
        Self::with("data", |_| {}).await
    }

    /// Serves the delta; its clock is driven and shows [`MORNING`].
    pub async fn in_the_morning() -> Self {
        let server = Self::start().await;
        server.clock(MORNING).await;
        server
    }

    /// Serves a region under a configuration that `change` has seen; its clock is
    /// driven and not set yet.
    pub async fn with(region: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::of(region, Place::new().await, change).await
    }

    /// Serves the delta from a store; its clock is driven and not set yet.
    pub async fn at(place: Place) -> Self {
        Self::of("data", place, |_| {}).await
    }

    /// The same, under a configuration that `change` has seen.
    pub async fn at_with(place: Place, change: impl FnOnce(&mut Config)) -> Self {
        Self::of("data", place, change).await
    }

    /// Another server of the same store.
    pub async fn another(&self) -> Self {
        let place = Arc::clone(&self.place);
        Self::run(self.config.clone(), place, port::free()).await
    }

    async fn of(region: &str, place: Place, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::from_layers(Layer::default(), Layer::default()).unwrap();
        config.region = Path::new(env!("CARGO_MANIFEST_DIR")).join(region);
        config.store = place.address().clone();
        config.clock = ClockKind::Driven;
        config.listen = port::free();
        change(&mut config);
        let address = config.listen;
        Self::run(config, Arc::new(place), address).await
    }

    /// Stops it in good order, and starts it again at the same address.
    pub async fn restart(self) -> Self {
        let Self { address, place, config, stop, task, .. } = self;
        stop.cancel();
        task.await.unwrap();
        Self::run(config, place, address).await
    }

    async fn run(config: Config, place: Arc<Place>, address: SocketAddr) -> Self {
        let stop = CancellationToken::new();
        let service = Service::open(&config, Tuning::default(), metrics(), stop.clone());
        let service = Box::pin(service).await.unwrap();
        let (setup_key, doors, rules) = (service.setup_key(), service.doors(), service.rules());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { service.serve(listener).await.unwrap() });
        let http = reqwest::Client::new();
        Self { address, http, setup_key, doors, rules, place, config, stop, task }
    }

    /// Makes an account as the command line does, beside the running service.
    pub async fn add_account(&self, name: &str, agency: &str, role: Role, password: Option<&str>) {
        let gate = self.gate().await;
        let new = NewPerson {
            name: name.into(),
            display: "".into(),
            agency: agency.parse().unwrap(),
            password: password.map(str::to_owned),
            must_change: false,
        };
        let who = Who::Operator { name: "root".into() };
        gate.add_account(who, Reach::ALL, new, role, &Whence::default()).await.unwrap();
    }

    /// Makes a token as the command line does; its secret.
    pub async fn add_token(&self, name: &str, agency: &str, scopes: &[Scope]) -> String {
        let gate = self.gate().await;
        let about = (name, agency.parse().unwrap());
        let who = Who::Operator { name: "root".into() };
        let here = Whence::default();
        let made = gate.add_token(who, Reach::ALL, about, scopes, None, &here);
        made.await.unwrap().secret
    }

    async fn gate(&self) -> Gate {
        let Opened { registry, ledger, .. } = self.place.open().await;
        Gate::open(registry, ledger, pilin::pipeline::clock::wall).await.unwrap()
    }

    /// Its address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a socket.
    pub fn socket(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// A request to be refined.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url()))
    }

    /// What is there, which must be.
    pub async fn get(&self, path: &str) -> Value {
        told(self.ask(Method::GET, path), StatusCode::OK).await
    }

    /// Posts one value that must be taken.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        told(self.ask(Method::POST, path).json(body), StatusCode::OK).await
    }

    /// Moves the clock.
    pub async fn clock(&self, now: &str) {
        let request = self.ask(Method::PUT, "/api/v1/clock").json(&json!({ "now": now }));
        told(request, StatusCode::OK).await;
    }
}

/// What a request is answered, which must be of a status.
pub async fn told(request: RequestBuilder, status: StatusCode) -> Value {
    let answer: Response = request.send().await.unwrap();
    let (got, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// The Python that has the clients and probes of tests/clients.
pub fn python() -> PathBuf {
    let there = std::env::var_os("PILIN_TEST_PYTHON").map(PathBuf::from);
    let usual = "target/venv/clients/bin/python";
    let python = there.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(usual));
    assert!(python.exists(), "{} is not there: run scripts/setup.sh test", python.display());
    python
}

/// The recorder of this process, of which there can be one.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap()).clone()
}

/// An incident as it is posted.
pub fn report(id: &str, matter: &str, lon: f64, lat: f64, occurred_at: &str) -> Value {
    json!({
        "source": "test",
        "external_id": id,
        "matter": matter,
        "lon": lon,
        "lat": lat,
        "occurred_at": occurred_at,
    })
}
