//! A wall and a token that take every socket, and messages that do not end.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Field, Secrets};
use crate::access::people::PASSWORD;

/// Sockets that one tries to open at once.
const WANTED: usize = 100;

/// How long a socket is kept, unless it is cut.
const KEPT: Duration = Duration::from_secs(25);

pub async fn attack(field: &Field, secrets: &Secrets, attackers: &mut JoinSet<()>) {
    let wall = let_a_wall_in(field).await;
    for _ in 0..WANTED {
        let shown = vec![("cookie", wall.clone()), ("origin", field.base())];
        let (path, name) = ("/connection/websocket", "sockets of a wall");
        attackers.spawn(keep_a_socket(field.clone(), path, name, shown));
        let shown = vec![("authorization", format!("Bearer {}", secrets.positions))];
        attackers.spawn(keep_a_socket(
            field.clone(),
            "/api/v1/ingest",
            "sockets of a token",
            shown,
        ));
    }
}

/// The cookie of a wall that was let in.
async fn let_a_wall_in(field: &Field) -> String {
    let (http, base) = (field.client([127, 0, 40, 1]), field.base());
    let post = |path: &str| http.post(format!("{base}/api/v1{path}"));
    let body = json!({"name": "lobby", "password": PASSWORD});
    let answer = post("/session").json(&body).send().await.unwrap();
    let cookie = |answer: &reqwest::Response| {
        let given = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        given.split(';').next().unwrap().to_owned()
    };
    let officer = cookie(&answer);
    let code: Value = post("/session/code").send().await.unwrap().json().await.unwrap();
    let grant = format!("/session/code/{}/grant", code["code"].as_str().unwrap());
    let grant = post(&grant).json(&json!({"name": "hall"})).header(header::COOKIE, officer);
    let granted = grant.header(header::ORIGIN, &base).send().await.unwrap();
    assert!(granted.status().is_success(), "{}", granted.text().await.unwrap());
    let claim = post("/session/code/claim").json(&json!({"claim": code["claim"]}));
    cookie(&claim.send().await.unwrap())
}

/// Opens a socket, begins a message that it does not end, and answers pings.
async fn keep_a_socket(
    field: Field,
    path: &'static str,
    attack: &'static str,
    shown: Vec<(&'static str, String)>,
) {
    while field.goes_on(Duration::from_secs(1)).await {
        match open(&field, path, &shown).await {
            Ok(socket) => {
                field.table.came(attack, "open");
                let told = never_end(&field, socket).await;
                field.table.came("messages without an end", told);
            }
            Err(Error::Http(answer)) => field.table.came(attack, answer.status().as_u16()),
            Err(_) => field.table.came(attack, "no answer"),
        }
    }
}

async fn open(
    field: &Field,
    path: &str,
    shown: &[(&'static str, String)],
) -> Result<WebSocketStream<TcpStream>, Error> {
    let url = format!("ws://127.0.0.1:{}{path}", field.port);
    let mut request = url.into_client_request().unwrap();
    for (name, text) in shown {
        request.headers_mut().insert(*name, text.parse().unwrap());
    }
    let tcp = field.connect([127, 0, 61, 1]).await.ok_or(Error::ConnectionClosed)?;
    client_async(request, tcp).await.map(|(socket, _)| socket)
}

async fn never_end(field: &Field, mut socket: WebSocketStream<TcpStream>) -> &'static str {
    // A first fragment of 60 kB, masked by zeros.
    let mut fragment = vec![0x01, 0xFE, 0xEA, 0x60, 0, 0, 0, 0];
    fragment.resize(8 + 60_000, b' ');
    if socket.get_mut().write_all(&fragment).await.is_err() {
        return "cut";
    }
    let kept = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return "cut",
                Some(Ok(_)) => {}
            }
        }
    };
    let kept = timeout(KEPT, kept);
    match field.stop.run_until_cancelled(kept).await {
        None => "held to the end",
        Some(Ok(told)) => told,
        Some(Err(_)) => "never cut",
    }
}
