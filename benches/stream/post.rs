//! HTTP/1.1 on one kept connection, as cheaply as can be: what the loader uses of
//! the two cores, the server has not.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[derive(Debug)]
pub struct Post {
    socket: TcpStream,
    buffer: Vec<u8>,
}

impl Post {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, buffer: Vec::new() })
    }

    pub async fn get(&mut self, path: &str) -> (u16, Vec<u8>) {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.socket.write_all(head.as_bytes()).await.unwrap();
        self.answer().await
    }

    /// Posts a body; status and answer.
    pub async fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        if body.len() < 16 << 10 {
            head.extend_from_slice(body);
            self.socket.write_all(&head).await.unwrap();
        } else {
            self.socket.write_all(&head).await.unwrap();
            self.socket.write_all(body).await.unwrap();
        }
        self.answer().await
    }

    async fn answer(&mut self) -> (u16, Vec<u8>) {
        self.buffer.clear();
        let ends = loop {
            self.more().await;
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..ends]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.split("content-length: ").nth(1);
        let length: usize = length.map_or(0, |text| text.lines().next().unwrap().parse().unwrap());
        assert!(!head.contains("transfer-encoding"), "an answer in chunks");
        while self.buffer.len() < ends + length {
            self.more().await;
        }
        (status, self.buffer[ends..ends + length].to_vec())
    }

    async fn more(&mut self) {
        assert!(self.socket.read_buf(&mut self.buffer).await.unwrap() > 0, "the server hung up");
    }
}
