//! `pilin clock`.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use serde_json::json;

use pilin::domain::Time;
use pilin::pipeline::clock::{CONFIRMED_NOTE, LEAP_MS, order, wall};

use super::store::{Where, block_on, here, operator};

/// Say what time it is, when the service doubts the machine's clock or its log ends in
/// the future.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say what the machine's clock shows, and when the log ends.
    Show,
    /// Say that the machine's clock is right: a running service believes it within
    /// seconds, one that is started within five minutes at once. Positions that are
    /// older by then than they are to be kept are removed.
    Confirm(Word),
    /// Bring back a log that ends in the future. Stop the service first, on every
    /// machine. Batches of the future get the time of what was reported in them; all
    /// that is made of the log (alerts, the picture) is made anew at the next start.
    Repair(Word),
}

#[derive(Debug, Args)]
struct Word {
    /// What time it is, not read off this machine; its clock must agree within 5 minutes.
    #[arg(long, value_name = "RFC3339")]
    now: Time,
    /// Why, for the audit log.
    #[arg(long)]
    reason: String,
}

impl Word {
    /// What the machine's clock shows, if it agrees.
    fn check(&self) -> anyhow::Result<Time> {
        ensure!(!self.reason.trim().is_empty(), "--reason: must say something");
        let shown = wall();
        if (shown - self.now).abs() > LEAP_MS {
            bail!("--now: the machine's clock shows {shown}, not {}: set it right first", self.now);
        }
        Ok(shown)
    }
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what } = self;
        block_on(async move {
            match what {
                What::Show => show(&at).await,
                What::Confirm(word) => confirm(&at, &word).await,
                What::Repair(word) => repair(&at, &word).await,
            }
        })
    }
}

async fn show(at: &Where) -> anyhow::Result<()> {
    let opened = at.open().await?;
    let mut out = stdout();
    writeln!(out, "the machine's clock shows {}", wall())?;
    match opened.store.head().await? {
        Some((_, end)) => writeln!(out, "the log ends at       {end}")?,
        None => writeln!(out, "the log is empty")?,
    }
    Ok(())
}

async fn confirm(at: &Where, word: &Word) -> anyhow::Result<()> {
    let shown = word.check()?;
    let opened = at.open().await?;
    let store = Arc::clone(&opened.store);
    let gate = at.gate_of(opened).await?;
    let mut entry = gate.entry(operator(), &here(), "confirm-clock", "clock");
    entry.after = Some(json!({"now": shown, "reason": word.reason.trim()}));
    gate.record(entry).await?;
    store.set_note(CONFIRMED_NOTE, shown.to_string()).await?;
    writeln!(stdout(), "the clock is confirmed at {shown}")?;
    Ok(())
}

async fn repair(at: &Where, word: &Word) -> anyhow::Result<()> {
    let shown = word.check()?;
    let opened = at.open().await?;
    let (store, times) = (Arc::clone(&opened.store), Arc::clone(&opened.repair));
    let gate = at.gate_of(opened).await?;
    let Some((offset, end)) = store.head().await? else {
        bail!("the log is empty: there is nothing to repair");
    };
    let mut entry = gate.entry(operator(), &here(), "repair-clock", "log");
    entry.before = Some(json!({"log_end": end, "offset": offset}));
    entry.after = Some(json!({"now": shown, "reason": word.reason.trim()}));
    let Some(done) = times.repair_times(order(shown, entry)).await? else {
        bail!("the log ends at {end}, which is not in the future: there is nothing to repair");
    };
    writeln!(
        stdout(),
        "the log ended at {}; {} batches got a time before {shown}; start the service",
        done.ended,
        done.batches
    )?;
    Ok(())
}
