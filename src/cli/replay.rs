//! `pilin replay`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use pilin::domain::Time;
use pilin::simulate::Doors;
use pilin::simulate::replay::{Options, run};

/// Sends a CSV of real reports through the public doors in its own time order.
///
/// Columns: `external_id`, `occurred_at` (RFC 3339), matter (a code, name or
/// English name of the region's catalogue), lon, lat (WGS-84), source, and
/// description if any; others are passed over. The server's clock must be
/// driven (--clock driven). Every record is marked as a replay.
#[derive(Debug, Args)]
pub struct Command {
    /// The table.
    file: PathBuf,
    /// The service.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Times faster than life; 0 does not wait.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// The step of the clock when there is no waiting.
    #[arg(long, value_name = "SPAN", default_value = "10m")]
    step: SignedDuration,
    /// Whatever happened before is sent without waiting.
    #[arg(long, value_name = "RFC3339")]
    from: Option<Timestamp>,
    /// How long the clock runs on after the last report.
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    tail: SignedDuration,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        super::log_to_stderr();
        let table =
            File::open(&self.file).with_context(|| format!("reading {}", self.file.display()))?;
        let options = Options {
            speed: self.speed,
            step_ms: super::millis(self.step),
            from: self.from.map(Time::from),
            tail_ms: super::millis(self.tail),
        };
        let doors = Doors::at(&self.to)?;
        super::until_ctrl_c(async |stop: CancellationToken| {
            let tally = run(&doors, &table, &options, &stop)
                .await
                .with_context(|| self.file.display().to_string())?;
            eprintln!(
                "pilin: {} reports accepted, {} known already, {} refused",
                tally.accepted, tally.duplicates, tally.refused
            );
            Ok(())
        })
    }
}
