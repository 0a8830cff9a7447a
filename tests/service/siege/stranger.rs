//! Somebody who has not signed in, from as many addresses as there are.

use std::sync::Arc;
use std::time::Duration;

use hyper::header;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::web::Web;
use super::wire::connect;
use super::{Field, PATIENCE};

/// Connections on which nothing, or half a head, comes: more than there may be.
const SILENT: usize = 2_100;

/// Bytes of a small body.
const BODY: usize = 256 << 10;

/// How long a connection is watched that should be cut.
const WATCHED: Duration = Duration::from_mins(2);

pub fn attack(field: &Field, attackers: &mut JoinSet<()>) {
    for at in 0..4 {
        attackers.spawn(long_names(field.clone(), at));
        attackers.spawn(guesses(field.clone(), at));
        attackers.spawn(codes(field.clone(), at));
        attackers.spawn(claims(field.clone()));
        attackers.spawn(half_bodies(field.clone(), at));
        attackers.spawn(handshakes(field.clone(), at));
    }
    for at in 0..SILENT {
        attackers.spawn(silence(field.clone(), at));
    }
}

/// Names that are too long, each another.
async fn long_names(field: Field, at: u8) {
    let web = field.web([127, 0, 20, 1]);
    let mut count = 0_u32;
    while field.goes_on(Duration::from_millis(20)).await {
        count += 1;
        let name = format!("{at}-{count}-{}", "x".repeat(BODY - 1_000));
        let body = json!({"name": name, "password": "a"});
        post(&field, "long names", &web, "/api/v1/session", &body).await;
    }
}

/// Wrong passwords of somebody who works, from changing addresses, and as who is behind
/// the same address.
async fn guesses(field: Field, at: u8) {
    let mut count = 0_u8;
    while field.goes_on(Duration::from_millis(100)).await {
        count = count.wrapping_add(1);
        let from = if at == 0 { [127, 0, 0, 1] } else { [127, 0, 30 + at, count.max(1)] };
        let name = ["desk0", "desk1", "(codes of desk0)"][usize::from(count % 3)];
        let body = json!({"name": name, "password": "a"});
        post(&field, "guesses", &field.web(from), "/api/v1/session", &body).await;
    }
}

/// All the codes that walls could show.
async fn codes(field: Field, at: u8) {
    let web = field.web([127, 0, 23, 1 + at]);
    while field.goes_on(Duration::from_millis(30)).await {
        post(&field, "codes of walls", &web, "/api/v1/session/code", &json!({})).await;
    }
}

/// What came of codes that nobody has.
async fn claims(field: Field) {
    let web = field.web([127, 0, 26, 1]);
    let body = json!({"claim": "0".repeat(64)});
    while field.goes_on(Duration::from_millis(5)).await {
        post(&field, "claims of codes", &web, "/api/v1/session/code/claim", &body).await;
    }
}

async fn post(field: &Field, attack: &'static str, web: &Web, path: &str, body: &Value) {
    match field.stop.run_until_cancelled(web.post(path, body)).await {
        Some(Ok(answer)) => {
            assert!(!answer.headers.contains_key(header::SET_COOKIE), "{attack}: let in");
            field.table.came(attack, answer.status.as_u16());
            answer.forget().await;
        }
        Some(Err(_)) => field.table.came(attack, "no answer"),
        None => {}
    }
}

/// Handshakes that fail: what comes is none, or whoever shakes hands trusts nobody.
async fn handshakes(field: Field, at: u8) {
    let connector = TlsConnector::from(Arc::clone(&field.trusting_nobody));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    while field.goes_on(Duration::from_millis(20)).await {
        let Some(mut socket) = field.connect([127, 0, 24, 1 + at]).await else { continue };
        let failed = async {
            if at.is_multiple_of(2) {
                let _ = socket.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
                let _ = socket.read_to_end(&mut Vec::new()).await;
            } else {
                connector.connect(name.clone(), socket).await.unwrap_err();
            }
        };
        let failed = timeout(PATIENCE, failed).await;
        field.table.came("handshakes that fail", if failed.is_ok() { "cut" } else { "never cut" });
    }
}

/// Bodies of which most comes, and then nothing.
async fn half_bodies(field: Field, at: u8) {
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {BODY}\r\n\r\n{{",
        field.port
    );
    while field.goes_on(Duration::from_millis(500)).await {
        let mut others = JoinSet::new();
        for _ in 0..20 {
            let (field, head) = (field.clone(), head.clone());
            others.spawn(async move {
                let Some(mut socket) = connect(&field, [127, 0, 22, 1 + at]).await else {
                    return;
                };
                let half = " ".repeat(BODY / 2);
                if socket.write_all(format!("{head}{half}").as_bytes()).await.is_ok() {
                    field.table.came("half bodies", ending(&field, &mut socket).await);
                }
            });
        }
        while others.join_next().await.is_some() {}
    }
}

/// Connections on which nothing comes, or a head that does not end.
async fn silence(field: Field, at: usize) {
    let last = u8::try_from(at % 7).unwrap();
    let from = [127, 0, 21, 1 + last];
    // One after the other, as fast as may be.
    field.goes_on(Duration::from_millis(u64::try_from(at).unwrap())).await;
    while field.goes_on(Duration::from_secs(1)).await {
        if at.is_multiple_of(2) {
            match field.connect(from).await {
                Some(mut socket) => field.table.came("silence", ending(&field, &mut socket).await),
                None => field.table.came("silence", "not let in"),
            }
        } else if let Some(mut socket) = connect(&field, from).await {
            let half = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ";
            if socket.write_all(half).await.is_ok() {
                let end = ending(&field, &mut socket).await;
                let end = if end == "408" { "cut".to_owned() } else { end };
                field.table.came("heads without an end", end);
            }
        } else {
            field.table.came("heads without an end", "not let in");
        }
    }
}

/// How a connection ends: with which status, or cut, or not at all while the siege lasts.
pub async fn ending(field: &Field, socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = [0; 512];
    let read = timeout(WATCHED, socket.read(&mut answer));
    match field.stop.run_until_cancelled(read).await {
        None => "held to the end".to_owned(),
        Some(Err(_)) => "never cut".to_owned(),
        Some(Ok(Ok(0) | Err(_))) => "cut".to_owned(),
        Some(Ok(Ok(some))) => {
            let text = String::from_utf8_lossy(&answer[..some]).into_owned();
            text.split(' ').nth(1).unwrap_or("nonsense").to_owned()
        }
    }
}
