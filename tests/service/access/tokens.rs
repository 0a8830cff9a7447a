//! Tokens of devices and neighbouring systems, and sockets that close.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use pilin::access::{Role, Scope};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::people::{person, set_up};
use crate::harness::{Server, report, told};

const EARLIER: &str = "2026-03-04T07:00:00+08:00";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket with a header that says who comes.
pub async fn dial(server: &Server, path: &str, name: &str, value: &str) -> Option<Socket> {
    let mut request = server.socket(path).into_client_request().unwrap();
    request.headers_mut().insert("origin", server.url().parse().unwrap());
    let name = header::HeaderName::from_bytes(name.as_bytes()).unwrap();
    request.headers_mut().insert(name, value.parse().unwrap());
    connect_async(request).await.ok().map(|(socket, _)| socket)
}

/// The code with which a socket is closed, which must be soon.
async fn closed(socket: &mut Socket) -> u16 {
    let wait = async {
        loop {
            if let Message::Close(told) = socket.next().await.unwrap().unwrap() {
                return told.unwrap().code.into();
            }
        }
    };
    timeout(Duration::from_secs(5), wait).await.unwrap()
}

#[tokio::test]
async fn a_token_opens_the_doors_of_its_scopes_until_it_is_revoked() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let new = json!({"name": "12345", "agency": "310118", "scopes": ["ingest:incident"]});
    let made = root.post("/api/v1/tokens", &new, StatusCode::CREATED).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("pilin_") && secret.len() == 70, "{secret}");
    let with = |method, path: &str| server.ask(method, path).bearer_auth(secret);
    let incident = report("1", "exposed-refuse", 121.1, 31.15, EARLIER);
    told(with(Method::POST, "/api/v1/incidents").json(&incident), StatusCode::OK).await;
    told(with(Method::GET, "/api/v1/region"), StatusCode::OK).await;
    told(with(Method::GET, "/api/v1/incidents"), StatusCode::FORBIDDEN).await;
    told(with(Method::POST, "/api/v1/positions").json(&json!([])), StatusCode::FORBIDDEN).await;
    let who = told(with(Method::GET, "/api/v1/session"), StatusCode::OK).await;
    assert_eq!(
        (&who["name"], &who["rights"]),
        (&json!("12345"), &json!(["see-map", "ingest-incident"]))
    );

    let listed = root.get("/api/v1/tokens").await;
    assert_eq!(listed["tokens"][0]["name"], "12345");
    assert!(listed["tokens"][0]["last_use"].is_i64() && !listed.to_string().contains(secret));
    let path = format!("/api/v1/tokens/{}", made["token"]["id"]);
    assert_eq!(root.status(Method::DELETE, &path).await, StatusCode::NO_CONTENT);
    told(with(Method::POST, "/api/v1/incidents").json(&incident), StatusCode::UNAUTHORIZED).await;
    let odd = json!({"name": "x", "agency": "310118", "scopes": ["*"]});
    root.post("/api/v1/tokens", &odd, StatusCode::BAD_REQUEST).await;
    let far = json!({"name": "x", "agency": "320509", "scopes": ["stream"]});
    root.post("/api/v1/tokens", &far, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn a_device_registers_and_moves_units_of_its_own_jurisdiction_alone() {
    let server = Server::in_the_morning().await;
    let scopes = [Scope::IngestUnit, Scope::IngestPosition, Scope::ReadFeatures];
    let ours = server.add_token("ours", "310000", &scopes).await;
    let theirs = server.add_token("theirs", "320000", &scopes).await;
    set_up(&server, "310000").await;
    let post = async |token: &str, path: &str, body: Value| {
        told(server.ask(Method::POST, path).bearer_auth(token).json(&body), StatusCode::OK).await
    };
    let unit = |code: &str, agency: &str| json!({"code": code, "name": code, "kind": "car", "agency": agency});
    let done =
        post(&ours, "/api/v1/units", json!([unit("A", "310118"), unit("B", "320509")])).await;
    assert_eq!(
        (&done["accepted"][0]["index"], &done["refused"][0]["field"]),
        (&json!(0), &json!("agency"))
    );
    let done =
        post(&theirs, "/api/v1/units", json!([unit("A", "320509"), unit("B", "320509")])).await;
    assert_eq!(
        (&done["refused"][0]["field"], &done["accepted"][0]["index"]),
        (&json!("code"), &json!(1))
    );
    let fix = |code: &str| json!({"unit": code, "lon": 121.1, "lat": 31.15, "at": EARLIER});
    let done = post(&theirs, "/api/v1/positions", json!([fix("A"), fix("B")])).await;
    assert_eq!((&done["refused"][0]["index"], &done["accepted"]), (&json!(0), &json!(1)));
    assert_eq!(done["refused"][0]["reason"], "no unit “A” is registered");
}

#[tokio::test]
async fn the_sockets_of_what_is_revoked_close_and_others_stay() {
    let server = Server::in_the_morning().await;
    let root = set_up(&server, "310000").await;
    let new = json!({"name": "bus", "agency": "310118", "scopes": ["ingest:position", "stream"]});
    let made = root.post("/api/v1/tokens", &new, StatusCode::CREATED).await;
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let mut device = dial(&server, "/api/v1/ingest", "authorization", &bearer).await.unwrap();
    let mut stream =
        dial(&server, "/connection/websocket", "authorization", &bearer).await.unwrap();
    let li = person(&server, "li", "310118", Role::Officer).await;
    let mut desk = dial(&server, "/connection/websocket", "cookie", &li.cookie).await.unwrap();
    assert!(dial(&server, "/connection/websocket", "cookie", "pilin=00").await.is_none());
    assert!(dial(&server, "/api/v1/ingest", "x-nothing", "1").await.is_none());

    // A batch of a kind that the token is not for is refused by itself.
    let wrong = json!({"id": 1, "incidents": []}).to_string();
    device.send(Message::Text(wrong.into())).await.unwrap();
    let Message::Text(answer) = device.next().await.unwrap().unwrap() else { panic!() };
    assert!(answer.contains(r#""code":"forbidden""#), "{answer}");

    let path = format!("/api/v1/tokens/{}", made["token"]["id"]);
    assert_eq!(root.status(Method::DELETE, &path).await, StatusCode::NO_CONTENT);
    assert_eq!(closed(&mut device).await, 1008);
    assert_eq!(closed(&mut stream).await, 3500);
    desk.send(Message::Text(r#"{"id":1,"connect":{}}"#.into())).await.unwrap();
    assert!(desk.next().await.unwrap().unwrap().is_text(), "another's stays open");
    let path = format!("/api/v1/accounts/{}", li.session["account"]);
    let change = root.ask(Method::PATCH, &path).json(&json!({"agency": "310000"}));
    told(change, StatusCode::OK).await;
    assert_eq!(closed(&mut desk).await, 3500, "another agency, another sight");
}

#[tokio::test]
async fn who_listened_to_the_open_service_is_out_once_there_is_an_account() {
    let server = Server::in_the_morning().await;
    let mut stream = dial(&server, "/connection/websocket", "x-nothing", "1").await.unwrap();
    set_up(&server, "310000").await;
    assert_eq!(closed(&mut stream).await, 3500);
}
