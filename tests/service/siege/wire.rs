//! Connections and sockets over TLS, as they are opened by hand.

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Field, PATIENCE};

pub type Tls = TlsStream<TcpStream>;
pub type Socket = WebSocketStream<Tls>;

/// A connection on which a request may be written.
pub async fn connect(field: &Field, from: [u8; 4]) -> Option<Tls> {
    let tcp = field.connect(from).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let tls = tokio_rustls::TlsConnector::from(std::sync::Arc::clone(&field.trusting));
    timeout(PATIENCE, tls.connect(name, tcp)).await.ok()?.ok()
}

/// A socket, for somebody who shows something.
pub async fn open(
    field: &Field,
    from: [u8; 4],
    path: &str,
    shown: &[(&'static str, String)],
) -> Result<Socket, Error> {
    let url = format!("wss://127.0.0.1:{}{path}", field.port);
    let mut request = url.into_client_request().unwrap();
    for (name, text) in shown {
        request.headers_mut().insert(*name, text.parse().unwrap());
    }
    let tls = connect(field, from).await.ok_or(Error::ConnectionClosed)?;
    let opened = timeout(PATIENCE, client_async(request, tls)).await;
    opened.map_err(|_elapsed| Error::ConnectionClosed)?.map(|(socket, _)| socket)
}
