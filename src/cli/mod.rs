//! One file a command.

pub mod account;
pub mod analyze;
pub mod audit;
pub mod backup;
pub mod clock;
pub mod erase;
pub mod export;
pub mod import;
pub mod locate;
pub mod migrate;
pub mod replay;
pub mod serve;
pub mod simulate;
pub mod token;

mod input;
mod store;

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Context;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// A number within bounds, as the value of an option.
fn within(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_no_number| "it is not a number".to_owned())?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("it is not within {least} to {most}"))
    }
}

/// The address of a service.
fn service(text: &str) -> Result<String, String> {
    let is_one = text.starts_with("http://") || text.starts_with("https://");
    if is_one { Ok(text.to_owned()) } else { Err("it is not http://HOST:PORT".to_owned()) }
}

/// How many times faster than life something is played.
fn speed(text: &str) -> Result<f64, String> {
    within(text, 0.0, 1e6)
}

/// A span of time in whole milliseconds.
fn millis(span: SignedDuration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// The secrets of tokens, each the first line of a file.
fn secrets(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("--token-file: reading {}", file.display()))?;
        let secret = text.lines().next().unwrap_or_default().trim();
        anyhow::ensure!(!secret.is_empty(), "--token-file: {}: is empty", file.display());
        Ok(secret.to_owned())
    };
    files.iter().map(read).collect()
}

/// Logs of a command that talks to a service: to the error stream, `info` up.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// Runs a command on a runtime of its own; Ctrl-C asks it to stop.
fn until_ctrl_c(
    work: impl AsyncFnOnce(CancellationToken) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let stop = CancellationToken::new();
        let asked = stop.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                asked.cancel();
            }
        });
        work(stop).await
    })
}
