//! Every door asks who comes.

use pilin::access::{Deed, Role, may};
use pilin::api::{Ask, Door};
use pilin::config::{Config, Layer};
use pilin::service::{Service, ServiceError, Tuning};
use reqwest::{StatusCode, header};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::people::{Visitor, person, set_up};
use crate::harness::{Server, metrics};

/// The doors that ask nothing: they tell nothing, or are where one says who one is.
const OPEN: &[&str] = &[
    "POST /api/v1/setup",
    "POST /api/v1/session",
    "GET /api/v1/session/ways",
    "GET /api/v1/session/oidc",
    "GET /api/v1/session/oidc/callback",
    "POST /api/v1/session/code",
    "POST /api/v1/session/code/claim",
    "GET /api/v1/openapi.json",
    "GET /healthz",
    "GET /readyz",
    "GET /",
    "GET /wall",
    "GET /desk",
    "GET /admin",
    "GET /sign-in",
    "GET /setup",
    "GET /api",
    "GET /assets/{*file}",
];

/// The address of a door, 1 for what varies.
pub fn path(door: &Door) -> String {
    let parts = door.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, String) {
    let answer = request
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "upgrade")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")
        .send()
        .await
        .unwrap();
    let status = answer.status();
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return (status, String::new());
    }
    let problem: Value = answer.json().await.unwrap_or_default();
    (status, problem["type"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn no_door_is_forgotten_once_there_is_an_account() {
    let server = Server::in_the_morning().await;
    let open: Vec<_> = server.doors.iter().filter(|door| door.ask == Ask::Nobody).collect();
    let named: Vec<_> = open.iter().map(|door| format!("{} {}", door.verb, door.path)).collect();
    assert_eq!(named, OPEN);
    assert!(server.doors.len() > 40, "the list holds the doors: {}", server.doors.len());

    let (status, _) = answer(server.ask(reqwest::Method::GET, "/api/v1/incidents")).await;
    assert_eq!(status, StatusCode::OK, "without an account the service is open");
    set_up(&server, "310000").await;
    for door in &server.doors {
        let (status, kind) = answer(server.ask(door.method(), &path(door))).await;
        let asked = (StatusCode::UNAUTHORIZED, "urn:pilin:problem:sign-in".to_owned());
        let here = format!("{} {}", door.verb, door.path);
        assert_eq!((status, kind) == asked, door.ask != Ask::Nobody, "{here}: {status}");
        let forged = server.ask(door.method(), &path(door)).bearer_auth("pilin_0000");
        let (status, kind) = answer(forged).await;
        assert_eq!((status, kind) == asked, door.ask != Ask::Nobody, "{here}, forged: {status}");
    }
}

#[tokio::test]
async fn every_role_finds_open_what_it_may_do_and_nothing_else() {
    let server = Server::in_the_morning().await;
    for role in Role::ALL {
        let visitor: Visitor = person(&server, role.word(), "310000", role).await;
        let viewer = {
            let session = &visitor.session;
            pilin::access::Viewer::Person(pilin::access::Person {
                account: pilin::access::AccountId(session["account"].as_u64().unwrap()),
                session: pilin::access::SessionId(session["session"].as_u64().unwrap()),
                name: role.word().into(),
                display: role.word().into(),
                agency: "310000".parse().unwrap(),
                role,
                must: None,
            })
        };
        let rights: Vec<&str> = visitor.session["rights"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for door in &server.doors {
            let Ask::Deeds(deeds) = door.ask else { continue };
            if *deeds == [Deed::OwnAccount] && door.verb == "DELETE" {
                continue; // It would sign out.
            }
            let allowed = deeds.iter().any(|deed| may(&viewer, *deed).is_ok());
            let told = deeds.iter().any(|deed| rights.contains(&deed.word()));
            assert_eq!(allowed, told, "{role}: the rights say so");
            let (status, kind) = answer(visitor.ask(door.method(), &path(door))).await;
            let refused = status == StatusCode::FORBIDDEN && kind == "urn:pilin:problem:forbidden";
            assert_eq!(refused, !allowed, "{role}: {} {} {status} {kind}", door.verb, door.path);
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{role}: {} {}", door.verb, door.path);
        }
    }
}

#[tokio::test]
async fn without_an_account_no_address_but_loopback_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::from_layers(Layer::default(), Layer::default()).unwrap();
    config.store = format!("sqlite:{}", folder.path().join("pilin.db").display()).parse().unwrap();
    config.listen = "0.0.0.0:0".parse().unwrap();
    let open = async |config: &Config| {
        Service::open(config, Tuning::default(), metrics(), CancellationToken::new()).await
    };
    let refused = open(&config).await;
    assert!(matches!(refused, Err(ServiceError::NoAccount { .. })), "{refused:?}");

    // Nor by a listener that is another than the configuration says.
    config.listen = "127.0.0.1:0".parse().unwrap();
    let service = open(&config).await.unwrap();
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = service.serve(listener).await.unwrap_err().to_string();
    assert!(refused.contains("the store has no account"), "{refused}");
}
