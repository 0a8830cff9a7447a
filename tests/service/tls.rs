//! HTTPS of the service's own.

use std::fs;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use pilin::config::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::Server;

/// What is answered to a plain request for whether the service lives.
async fn healthz(mut socket: impl AsyncReadExt + AsyncWriteExt + Unpin) -> String {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // Who does not speak TLS is hung up on; what came before counts.
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn with_a_certificate_the_doors_and_the_stream_are_reached_by_https_alone() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    fs::write(&tls.certificate, made.cert.pem()).unwrap();
    fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    let server = Server::with("data", |config| config.tls = Some(tls)).await;

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let knock = async || TcpStream::connect(server.address).await.unwrap();
    let enter = async || {
        let name = ServerName::try_from("localhost").unwrap();
        connector.connect(name, knock().await).await.unwrap()
    };

    let answer = healthz(enter().await).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    assert!(!healthz(knock().await).await.contains("200 OK"));

    let url = format!("wss://localhost:{}/connection/websocket", server.address.port());
    let (mut stream, _) = tokio_tungstenite::client_async(url, enter().await).await.unwrap();
    stream.send(Message::text(r#"{"id":1,"connect":{}}"#)).await.unwrap();
    let reply = stream.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(reply.starts_with(r#"{"id":1,"connect":{"#), "{reply}");
}
