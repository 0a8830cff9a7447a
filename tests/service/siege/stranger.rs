//! Somebody who has not signed in, from as many addresses as there are.

use std::time::Duration;

use reqwest::{RequestBuilder, header};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Field;

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
        attackers.spawn(half_bodies(field.clone(), at));
    }
    for at in 0..SILENT {
        attackers.spawn(silence(field.clone(), at));
    }
}

/// Names that are too long, each another.
async fn long_names(field: Field, at: u8) {
    let client = field.client([127, 0, 20, 1 + at]);
    let mut count = 0_u32;
    while field.goes_on(Duration::from_millis(20)).await {
        count += 1;
        let name = format!("{at}-{count}-{}", "x".repeat(BODY - 1_000));
        let body = json!({"name": name, "password": "a"});
        let post = client.post(format!("{}/api/v1/session", field.base()));
        note(&field, "long names", post.json(&body)).await;
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
        let post = field.client(from).post(format!("{}/api/v1/session", field.base()));
        note(&field, "guesses", post.json(&json!({"name": name, "password": "a"}))).await;
    }
}

/// All the codes that walls could show, and what came of them.
async fn codes(field: Field, at: u8) {
    let client = field.client([127, 0, 23, 1 + at]);
    while field.goes_on(Duration::from_millis(30)).await {
        note(&field, "codes", client.post(format!("{}/api/v1/session/code", field.base()))).await;
        let claim = client.post(format!("{}/api/v1/session/code/claim", field.base()));
        note(&field, "claims", claim.json(&json!({"claim": "0".repeat(64)}))).await;
    }
}

async fn note(field: &Field, attack: &'static str, request: RequestBuilder) {
    match field.stop.run_until_cancelled(request.send()).await {
        Some(Ok(answer)) => {
            assert!(!answer.headers().contains_key(header::SET_COOKIE), "{attack}: let in");
            field.table.came(attack, answer.status().as_u16());
        }
        Some(Err(_)) => field.table.came(attack, "no answer"),
        None => {}
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
                let Some(mut socket) = field.connect([127, 0, 22, 1 + at]).await else {
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
    let (attack, said) = if at.is_multiple_of(2) {
        ("silence", String::new())
    } else {
        ("heads without an end", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ".to_owned())
    };
    while field.goes_on(Duration::from_secs(2)).await {
        let Some(mut socket) = field.connect([127, 0, 21, 1 + last]).await else {
            field.table.came(attack, "not let in");
            continue;
        };
        if socket.write_all(said.as_bytes()).await.is_ok() {
            let end = ending(&field, &mut socket).await;
            field.table.came(attack, if end == "408" { "cut".to_owned() } else { end });
        }
    }
}

/// How a connection ends: with which status, or cut, or not at all while the siege lasts.
async fn ending(field: &Field, socket: &mut TcpStream) -> String {
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
