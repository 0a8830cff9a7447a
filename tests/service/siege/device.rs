//! A device with a token, that sends what does not end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::{Field, Secrets};

/// Requests at once: more than there was ever room for.
const AT_ONCE: usize = 40;

pub fn attack(field: &Field, secrets: &Secrets, attackers: &mut JoinSet<()>) {
    for _ in 0..AT_ONCE {
        attackers.spawn(bodies_without_a_byte(field.clone(), secrets.reports.clone()));
    }
}

/// Bodies that promise much and bring nothing.
async fn bodies_without_a_byte(field: Field, secret: String) {
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
         Authorization: Bearer {secret}\r\nTransfer-Encoding: chunked\r\n\r\n",
        field.port
    );
    while field.goes_on(Duration::from_millis(50)).await {
        let Some(mut socket) = field.connect([127, 0, 60, 1]).await else {
            continue;
        };
        if socket.write_all(head.as_bytes()).await.is_err() {
            continue;
        }
        let mut answer = [0; 64];
        let read = field.stop.run_until_cancelled(socket.read(&mut answer)).await;
        let told = match read {
            None => "held to the end".to_owned(),
            Some(Ok(some)) if some > 12 => String::from_utf8_lossy(&answer[9..12]).into_owned(),
            Some(_) => "cut".to_owned(),
        };
        field.table.came("bodies without a byte", told);
    }
}
