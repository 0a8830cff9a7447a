//! All sockets that one account may have, and more.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Field;
use super::wire::{Socket, open};

/// Sockets that one tries to open at once.
const WANTED: usize = 100;

/// Bytes of a message that does not end: less than it may have.
const BEGUN: [usize; 2] = [60_000, 900_000];

/// How long a socket is kept, unless it is cut.
const KEPT: Duration = Duration::from_secs(40);

/// Whose sockets, and for what.
#[derive(Clone, Copy, Debug)]
struct Kind {
    attack: &'static str,
    path: &'static str,
    begun: usize,
}

/// Opens all sockets of a wall and of a device.
pub fn attack(field: &Field, wall: &str, device: &str, attackers: &mut JoinSet<()>) {
    let stream =
        Kind { attack: "sockets of a wall", path: "/connection/websocket", begun: BEGUN[0] };
    let ingest = Kind { attack: "sockets of a token", path: "/api/v1/ingest", begun: BEGUN[1] };
    for _ in 0..WANTED {
        let shown = vec![("cookie", wall.to_owned()), ("origin", field.base())];
        attackers.spawn(keep(field.clone(), stream, shown));
        let shown = vec![("authorization", format!("Bearer {device}"))];
        attackers.spawn(keep(field.clone(), ingest, shown));
    }
}

/// Opens a socket, begins a message that it does not end, and answers pings.
async fn keep(field: Field, kind: Kind, shown: Vec<(&'static str, String)>) {
    while field.goes_on(Duration::from_secs(1)).await {
        match open(&field, [127, 0, 61, 1], kind.path, &shown).await {
            Ok(socket) => {
                field.table.came(kind.attack, "open");
                let told = never_end(&field, socket, kind.begun).await;
                field.table.came("messages without an end", told);
            }
            Err(Error::Http(answer)) => field.table.came(kind.attack, answer.status().as_u16()),
            Err(_) => field.table.came(kind.attack, "no answer"),
        }
    }
}

async fn never_end(field: &Field, mut socket: Socket, bytes: usize) -> &'static str {
    // A first fragment, masked by zeros.
    let mut fragment = vec![0x01, 0xFF];
    fragment.extend(u64::try_from(bytes).unwrap().to_be_bytes());
    fragment.extend([0; 4]);
    fragment.resize(fragment.len() + bytes, b' ');
    let kept = async {
        if socket.get_mut().write_all(&fragment).await.is_err() {
            return "cut";
        }
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return "cut",
                Some(Ok(_)) => {}
            }
        }
    };
    match field.stop.run_until_cancelled(timeout(KEPT, kept)).await {
        None => "held to the end",
        Some(Ok(told)) => told,
        Some(Err(_)) => "never cut",
    }
}
