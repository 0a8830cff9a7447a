//! `pilin simulate`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use pilin::domain::Time;
use pilin::simulate::run::{Options, run};
use pilin::simulate::{Doors, Plan};

/// Send made-up patrols, incidents and scenarios to a running service.
///
/// They go through the public doors. Where the server's clock is driven from
/// outside, the simulator drives it; where the server keeps its own time, --speed
/// must be 1. Every record is marked as simulated. If the server goes away, sending
/// is repeated until it is back.
#[derive(Debug, Args)]
pub struct Command {
    /// The service.
    #[arg(long, value_name = "URL", value_parser = super::service)]
    to: String,
    /// A file with the secret of a token, for a service that has accounts. Repeatable,
    /// one an agency: each record is sent by the token of its own (incidents by where
    /// they lie, units by their agency). One token needs set:clock where the clock is driven.
    #[arg(long = "token-file", value_name = "FILE")]
    tokens: Vec<PathBuf>,
    /// What is played: weights, rhythms, scenarios.
    #[arg(long, value_name = "FILE", default_value = "data/simulation.toml")]
    plan: PathBuf,
    /// Only these scenarios of the plan; `none` for none. Repeatable.
    #[arg(long = "scenario", value_name = "NAME")]
    scenarios: Vec<String>,
    /// Equal seeds and starts send equal records.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Times faster than life; 0 does not wait.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true, value_parser = super::speed)]
    speed: f64,
    /// How many units.
    #[arg(long, default_value_t = 400)]
    units: usize,
    /// Background incidents an hour, in the mean of a day.
    #[arg(long, default_value_t = 60.0, allow_negative_numbers = true, value_parser = an_hour)]
    incidents_per_hour: f64,
    /// Between two fixes of a unit on duty.
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    fix_every: SignedDuration,
    /// How much of the past is sent at once before going live.
    #[arg(long, value_name = "SPAN", default_value = "96h")]
    history: SignedDuration,
    /// The step of a driven clock where there is no waiting.
    #[arg(long, value_name = "SPAN", default_value = "10m")]
    step: SignedDuration,
    /// The time at which to go live; now if not given.
    #[arg(long, value_name = "RFC3339")]
    from: Option<Timestamp>,
    /// Ends so long after going live, in the run's own time; else on Ctrl-C.
    #[arg(long = "for", value_name = "SPAN")]
    lasts: Option<SignedDuration>,
}

fn an_hour(text: &str) -> Result<f64, String> {
    super::within(text, 0.0, 1e6)
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        super::log_to_stderr();
        let text = std::fs::read_to_string(&self.plan)
            .with_context(|| format!("reading {}", self.plan.display()))?;
        let plan = Plan::parse(&text).with_context(|| self.plan.display().to_string())?;
        let plan = match self.scenarios.as_slice() {
            [] => plan,
            [one] if one == "none" => plan.only(&[])?,
            names => plan.only(names)?,
        };
        #[expect(clippy::disallowed_methods, reason = "a command may read the clock")]
        let live = self.from.unwrap_or_else(Timestamp::now);
        let options = Options {
            seed: self.seed,
            speed: self.speed,
            units: self.units,
            incidents_per_hour: self.incidents_per_hour,
            fix_every_ms: super::millis(self.fix_every),
            history_ms: super::millis(self.history),
            live: Time::from(live),
            step_ms: super::millis(self.step),
            lasts_ms: self.lasts.map(super::millis),
        };
        let doors = Doors::at(&self.to)?;
        let secrets = super::secrets(&self.tokens)?;
        super::until_ctrl_c(async |stop: CancellationToken| {
            let doors = doors.with_tokens(&secrets).await?;
            let sent = run(&doors, &plan, &options, &stop).await?;
            eprintln!(
                "pilin: sent {} units, {} incidents ({} refused), {} positions",
                sent.units.accepted,
                sent.incidents.accepted,
                sent.incidents.refused,
                sent.positions.accepted
            );
            Ok(())
        })
    }
}
