//! Signing in by a provider of OpenID Connect: the certified one of npm, on loopback.

use std::path::Path;
use std::process::Stdio;

use pilin::access::Role;
use pilin::config::{Config, Layer, OidcLayer};
use reqwest::{Method, StatusCode, Url, header};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::people::{PASSWORD, set_up};
use crate::harness::{Server, told};
use crate::port;

const SECRET: &str = "of-client-and-provider-alone";

/// The provider, and a service that relies on it.
struct House {
    server: Server,
    issuer: String,
    /// Ends when it can no longer write.
    _provider: (Child, Lines<BufReader<ChildStdout>>),
    _folder: tempfile::TempDir,
}

/// What the provider claims of whom.
fn people() -> Value {
    json!({
        "li": {"preferred_username": "li", "name": "李伟", "agency": "310118", "role": "officer"},
        "far": {"preferred_username": "far", "agency": "999999", "role": "officer"},
        "odd": {"preferred_username": "odd", "agency": "310118", "role": "wall"},
        "root": {"preferred_username": "root", "agency": "310118", "role": "admin"},
    })
}

impl House {
    async fn open() -> Self {
        // Browsers come back to an address that the provider must know beforehand.
        let free = port::free();
        let base = format!("http://{free}");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/provider.mjs");
        let mut provider = Command::new("node")
            .arg(script)
            .args(["pilin", SECRET, &format!("{base}/api/v1/session/oidc/callback")])
            .arg(people().to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(provider.stdout.take().unwrap()).lines();
        let issuer = lines.next_line().await.unwrap().expect("run scripts/setup.sh test");
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let oidc = OidcLayer {
            issuer: Some(issuer.clone()),
            client_id: Some("pilin".into()),
            client_secret_file: Some(secret),
            base: Some(base),
            scopes: Some(vec!["profile".into(), "pilin".into()]),
            ..OidcLayer::default()
        };
        let layer = Layer { oidc, ..Layer::default() };
        let oidc = Config::from_layers(layer, Layer::default()).unwrap().oidc;
        let server =
            Server::with("data", |config| (config.listen, config.oidc) = (free, oidc)).await;
        Self { server, issuer, _provider: (provider, lines), _folder: folder }
    }

    /// Who the provider signs in from now on.
    async fn next(&self, who: &str) {
        let told = self.server.http.put(format!("{}/next/{who}", self.issuer)).send().await;
        assert!(told.unwrap().status().is_success());
    }
}

/// A browser that keeps cookies by host and goes where it is sent.
struct Browser {
    http: reqwest::Client,
    cookies: Vec<(u16, String, String)>,
}

impl Browser {
    fn new() -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { http: http.build().unwrap(), cookies: Vec::new() }
    }

    /// Goes to an address and on, up to where nothing leads further; that address.
    async fn go(&mut self, address: &str) -> Url {
        let mut at = Url::parse(address).unwrap();
        for _ in 0..10 {
            let port = at.port().unwrap();
            let of_host = self.cookies.iter().filter(|(host, ..)| *host == port);
            let kept: Vec<_> = of_host.map(|(_, name, value)| format!("{name}={value}")).collect();
            let asked = self.http.get(at.clone()).header(header::COOKIE, kept.join("; "));
            let answer = asked.send().await.unwrap();
            for given in answer.headers().get_all(header::SET_COOKIE) {
                let text = given.to_str().unwrap();
                let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.retain(|(host, known, _)| (*host, &**known) != (port, name));
                if !value.is_empty() {
                    self.cookies.push((port, name.to_owned(), value.to_owned()));
                }
            }
            let Some(to) = answer.headers().get(header::LOCATION) else { return at };
            at = at.join(to.to_str().unwrap()).unwrap();
        }
        panic!("led round in a circle at {at}");
    }

    fn cookie(&self, server: &Server) -> Option<String> {
        let port = server.address.port();
        let own = self.cookies.iter().find(|(host, name, _)| (*host, &**name) == (port, "pilin"));
        own.map(|(_, name, value)| format!("{name}={value}"))
    }
}

#[tokio::test]
async fn whom_the_provider_vouches_for_is_signed_in_and_known_again() {
    let house = House::open().await;
    let server = &house.server;
    house.next("li").await;
    let door = format!("{}/api/v1/session/oidc?then=/wall", server.url());
    let mut early = Browser::new();
    let refused = early.go(&door).await;
    assert_eq!(refused.query(), Some("refused=unknown"), "not the first account");
    let root = set_up(server, "310000").await;

    let mut li = Browser::new();
    assert_eq!(li.go(&door).await.path(), "/wall");
    let who = server.ask(Method::GET, "/api/v1/session");
    let who = who.header(header::COOKIE, li.cookie(server).unwrap());
    let session = told(who, StatusCode::OK).await;
    assert_eq!(session["name"], "li");
    assert_eq!(session["display"], "李伟");
    assert_eq!(
        (&session["role"], &session["agency"]["code"]),
        (&json!("officer"), &json!("310118"))
    );
    let mut elsewhere = Browser::new();
    elsewhere.go(&door).await;
    let accounts = root.get("/api/v1/accounts").await;
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 2, "no second account");
    let by_password = json!({"name": "li", "password": PASSWORD});
    let by_password = server.ask(Method::POST, "/api/v1/session").json(&by_password);
    told(by_password, StatusCode::UNAUTHORIZED).await;

    let log = root.get("/api/v1/audit").await;
    let entries = log["entries"].as_array().unwrap();
    let made = entries.iter().find(|it| it["entry"]["deed"] == "add-account").unwrap();
    assert_eq!(made["entry"]["after"]["subject"], "li");
    assert_eq!(made["entry"]["after"]["issuer"], json!(house.issuer));

    let path = format!("/api/v1/accounts/{}", session["account"]);
    told(root.ask(Method::PATCH, &path).json(&json!({"disabled": true})), StatusCode::OK).await;
    assert_eq!(elsewhere.go(&door).await.query(), Some("refused=unknown"));
}

#[tokio::test]
async fn who_is_not_claimed_to_belong_here_gets_no_account() {
    let house = House::open().await;
    let server = &house.server;
    let root = set_up(server, "310000").await;
    let door = format!("{}/api/v1/session/oidc", server.url());
    for (who, refused) in
        [("far", "unknown"), ("odd", "unknown"), ("root", "taken"), ("nobody", "declined")]
    {
        house.next(who).await;
        let mut browser = Browser::new();
        let at = browser.go(&door).await;
        assert_eq!((at.path(), at.query()), ("/sign-in", Some(&*format!("refused={refused}"))));
        assert_eq!(browser.cookie(server), None, "{who}");
    }
    assert_eq!(root.get("/api/v1/accounts").await["accounts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_who_did_not_leave_for_it() {
    let house = House::open().await;
    let server = &house.server;
    set_up(server, "310000").await;
    let callback = format!("{}/api/v1/session/oidc/callback", server.url());
    let mut stranger = Browser::new();
    let at = stranger.go(&format!("{callback}?state=x&code=y")).await;
    assert_eq!(at.query(), Some("refused=late"));
    let trip = format!("{}.{}.{}.desk", "a".repeat(22), "b".repeat(22), "c".repeat(43));
    stranger.cookies.push((server.address.port(), "pilin-trip".into(), trip));
    let at = stranger.go(&format!("{callback}?state={}&code=y", "z".repeat(22))).await;
    assert_eq!(at.query(), Some("refused=provider"), "another state");
    assert_eq!(stranger.cookie(server), None);
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_door() {
    let server = Server::in_the_morning().await;
    assert_eq!(server.get("/api/v1/session/ways").await, json!({"oidc": false}));
    for door in ["/api/v1/session/oidc", "/api/v1/session/oidc/callback"] {
        told(server.ask(Method::GET, door), StatusCode::NOT_FOUND).await;
    }
    let house = House::open().await;
    assert_eq!(house.server.get("/api/v1/session/ways").await, json!({"oidc": true}));
    house.server.add_account("li", "310118", Role::Officer, Some(PASSWORD)).await;
}
