//! The service as a whole, from outside: how long from a request to the frame
//! that tells of it, and how much it takes in durably.
//!
//! The built binary serves in a process of its own; this one loads and listens,
//! on the same cores. Prints figures and writes target/bench/stream.json.
//! `--quick` takes three seconds each instead of fifteen; `latency` or `flood`
//! runs one alone.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops")]

mod fleet;
mod flood;
mod house;
mod latency;
mod post;
mod report;

use report::Report;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The machine's time in ms since 1970.
#[expect(clippy::disallowed_methods, reason = "what it sends is stamped with the machine's time")]
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[tokio::main]
async fn main() {
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    let seconds = if asked("--quick") { 3 } else { 15 };
    let mut report = Report::default();
    if !asked("flood") {
        latency::measure(&mut report, seconds).await;
    }
    if !asked("latency") {
        flood::measure(&mut report, seconds).await;
    }
    report.write();
}
