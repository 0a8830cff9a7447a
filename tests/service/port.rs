//! Addresses to which a server can come back.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// The first and how many: below 32,768, where Linux takes the ports of outgoing
/// connections from, or one of them could have the place of a server that is away.
const FIRST: u16 = 10_000;
const MANY: u16 = 20_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// An address on this machine that nobody has, and that no other story is given.
pub fn free() -> SocketAddr {
    // Other processes that do the same begin elsewhere.
    let start = std::process::id() * 131;
    loop {
        let turn = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from((start + turn) % u32::from(MANY)).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
