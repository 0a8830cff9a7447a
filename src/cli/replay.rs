//! `pilin replay`.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use pilin::domain::Time;
use pilin::simulate::Doors;
use pilin::simulate::replay::{Options, ReplayError, run};

use super::input;

/// Send a file of real reports to a running service, in its own time order.
///
/// Reads a CSV with a header: `external_id` (or id), `occurred_at` (or time; RFC 3339),
/// matter (a code, name or English name of the region's catalogue), lon, lat (WGS-84),
/// source, and description if there; or by their Chinese names 编号, 发生时间 (or 时间),
/// 事项, 经度, 纬度, 来源, 描述. Other columns are passed over. A line whose matter the
/// catalogue does not know, or that has no coordinates, is left out. The server's clock must be driven
/// (--clock driven). Every record is marked as a replay.
#[derive(Debug, Args)]
pub struct Command {
    /// A CSV with a header; - is the standard input.
    file: PathBuf,
    /// The service.
    #[arg(long, value_name = "URL", value_parser = super::service)]
    to: String,
    /// A file with the secret of a token, for a service that has accounts. Repeatable,
    /// one an agency: each record is sent by the token of its own (incidents by where
    /// they lie, units by their agency). One token needs set:clock where the clock is driven.
    #[arg(long = "token-file", value_name = "FILE")]
    tokens: Vec<PathBuf>,
    /// Times faster than life; 0 does not wait.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true, value_parser = super::speed)]
    speed: f64,
    /// The step of the clock when there is no waiting.
    #[arg(long, value_name = "SPAN", default_value = "10m")]
    step: SignedDuration,
    /// Whatever happened before is sent without waiting.
    #[arg(long, value_name = "RFC3339")]
    from: Option<Time>,
    /// How long the clock runs on after the last report.
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    tail: SignedDuration,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        super::log_to_stderr();
        let table = input::open(&self.file)?;
        let options = Options {
            speed: self.speed,
            step_ms: super::millis(self.step),
            from: self.from,
            tail_ms: super::millis(self.tail),
        };
        let doors = Doors::at(&self.to)?;
        let secrets = super::secrets(&self.tokens)?;
        super::until_ctrl_c(async |stop: CancellationToken| {
            let doors = doors.with_tokens(&secrets).await?;
            let tally = run(&doors, table, &options, &stop).await.map_err(|why| match why {
                ReplayError::Table(why) => anyhow!("{}: {why}", input::name(&self.file)),
                why => why.into(),
            })?;
            eprintln!(
                "pilin: {} reports accepted, {} known already, {} kept for the store, {} refused",
                tally.accepted, tally.duplicates, tally.kept, tally.refused
            );
            Ok(())
        })
    }
}
