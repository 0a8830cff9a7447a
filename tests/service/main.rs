//! Stories told from outside, through HTTP and WebSocket.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on must fail")]

mod access;
mod alerts;
mod archive;
mod backup;
#[path = "../support/database.rs"]
mod database;
mod doors;
mod harness;
mod limits;
mod openapi;
mod ordeal;
mod pages;
mod place;
mod port;
mod scenarios;
mod siege;
mod stream;
mod tls;
mod upgrade;
