//! A client of our own, which sees every frame as it came.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;

/// How long a frame may keep a test waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What comes in.
#[derive(Debug)]
pub enum Seen {
    /// A line.
    Line(String),
    /// The server closed, with a code and a reason.
    Closed(u16, String),
    /// The connection ended without a word.
    Gone,
}

#[derive(Debug)]
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    lines: VecDeque<String>,
    next: u32,
    pings: u32,
    mute: bool,
}

impl Client {
    /// Connects and introduces itself.
    pub async fn connect(url: &str) -> Self {
        let mut client = Self::dial(url, None).await;
        client.call("connect", json!({})).await;
        client
    }

    /// Connects with a token, and introduces itself.
    pub async fn connect_as(url: &str, secret: &str) -> Self {
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {secret}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let mut client = Self::over(request, address(url), None).await;
        client.call("connect", json!({})).await;
        client
    }

    /// Connects only; with few bytes of the system's memory for what it does not
    /// read.
    pub async fn dial(url: &str, buffer: Option<u32>) -> Self {
        Self::over(url.into_client_request().unwrap(), address(url), buffer).await
    }

    async fn over(request: Request, address: SocketAddr, buffer: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let tcp = socket.connect(address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, tcp).await.unwrap();
        Self { socket, lines: VecDeque::new(), next: 1, pings: 0, mute: false }
    }

    /// Answers no ping any more.
    pub fn without_pongs(self) -> Self {
        Self { mute: true, ..self }
    }

    /// How many pings come in so long a time, in which nothing else may.
    pub async fn pings_within(&mut self, time: Duration) -> u32 {
        let before = self.pings;
        assert!(timeout(time, self.next()).await.is_err(), "only pings were awaited");
        self.pings - before
    }

    /// Says farewell.
    pub async fn bye(&mut self) {
        self.socket.close(None).await.unwrap();
    }

    pub async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Sends a command; the text that was sent.
    pub async fn command(&mut self, name: &str, body: Value) -> String {
        let text = format!(r#"{{"id":{},"{name}":{body}}}"#, self.next);
        self.next += 1;
        self.send(&text).await;
        text
    }

    /// Sends a command and takes what comes next for the reply.
    pub async fn call(&mut self, name: &str, body: Value) -> Value {
        self.command(name, body).await;
        self.frame().await
    }

    /// Subscribes, from a position if one is given; the reply.
    pub async fn subscribe(&mut self, channel: &str, since: Option<(&str, u64)>) -> Value {
        let mut body = json!({"channel": channel});
        if let Some((epoch, offset)) = since {
            body = json!({"channel": channel, "recover": true, "epoch": epoch, "offset": offset});
        }
        self.call("subscribe", body).await
    }

    /// The next line that is no ping; pings are answered.
    pub async fn next(&mut self) -> Seen {
        loop {
            if let Some(line) = self.lines.pop_front() {
                if line == "{}" {
                    self.pings += 1;
                    if !self.mute {
                        let _ = self.socket.send(Message::text("{}")).await;
                    }
                    continue;
                }
                return Seen::Line(line);
            }
            match timeout(PATIENCE, self.socket.next()).await.expect("nothing came") {
                Some(Ok(Message::Text(text))) => {
                    self.lines.extend(text.split('\n').map(str::to_owned));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Seen::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Seen::Gone,
            }
        }
    }

    pub async fn line(&mut self) -> String {
        match self.next().await {
            Seen::Line(line) => line,
            other => panic!("a line was awaited, and there came {other:?}"),
        }
    }

    pub async fn frame(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// The code with which the server closes, and how many lines came before.
    pub async fn closing(&mut self) -> (u16, usize) {
        let mut lines = 0;
        loop {
            match self.next().await {
                Seen::Line(_) => lines += 1,
                Seen::Closed(code, _) => return (code, lines),
                Seen::Gone => panic!("no reason was given"),
            }
        }
    }
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("ws://").split('/').next().unwrap().parse().unwrap()
}
