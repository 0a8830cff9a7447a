//! `pilin erase`.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use futures_util::TryStreamExt;
use serde_json::json;

use pilin::access::Deed;
use pilin::domain::{Code, Event, Forget, IncidentId, TextErasure, Time, UnitId};
use pilin::pipeline::clock::{self, LEAP_MS};
use pilin::store::contents::{Part, Row};
use pilin::store::{Contents, Draft, Entry, Store};

use super::store::{Opened, Where, block_on, here, operator};

/// Events of the log looked through at once.
const EVENTS: usize = 100_000;

/// Positions read at once.
const READ: usize = 10_000;

/// Erase where a unit was, or what reporters wrote; the service may run meanwhile.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Erase where a unit was, out of tracks and of the log.
    ///
    /// Where it was last stays in checkpoints and on screens until the service has
    /// taken note: with the next that it stores, or when it next starts.
    Track {
        /// The unit, by its agency's own key.
        unit: String,
        /// Only positions that were taken before this time.
        #[arg(long, value_name = "RFC3339")]
        before: Option<Time>,
        /// Why, for the audit log.
        #[arg(long)]
        reason: String,
    },
    /// Erase what a reporter wrote of an incident, and the references to pictures; the
    /// incident stays.
    Texts {
        /// The incident, by its number.
        incident: u64,
        /// Why, for the audit log.
        #[arg(long)]
        reason: String,
    },
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what } = self;
        block_on(async move {
            let opened = at.open().await?;
            match what {
                What::Track { unit, before, reason } => {
                    track(&at, opened, &unit, before, &reason).await
                }
                What::Texts { incident, reason } => texts(&at, opened, incident, &reason).await,
            }
        })
    }
}

async fn track(
    at: &Where,
    opened: Opened,
    unit: &str,
    before: Option<Time>,
    reason: &str,
) -> anyhow::Result<()> {
    ensure!(!reason.trim().is_empty(), "--reason: must say something");
    let (number, agency) = numbered(&*opened.contents, unit).await?;
    let store = Arc::clone(&opened.store);
    let (_, end) = store.head().await?.unwrap_or_default();
    let before = match before {
        Some(before) => before,
        None => after_all(&*store, number, end).await?,
    };
    let gate = at.gate_of(opened).await?;
    let word = Deed::EraseTrack.word();
    let mut entry = gate.entry(operator(), &here(), word, &format!("unit {unit}"));
    entry.about = Some(agency);
    entry.after = Some(json!({"before": before, "reason": reason.trim()}));
    erase(&*store, Event::Forget(Forget { unit: Some(number), before }), entry).await?;
    writeln!(stdout(), "{unit}: erased; the audit log says how many positions it was")?;
    Ok(())
}

async fn texts(at: &Where, opened: Opened, incident: u64, reason: &str) -> anyhow::Result<()> {
    ensure!(!reason.trim().is_empty(), "--reason: must say something");
    let store = Arc::clone(&opened.store);
    let id = IncidentId(incident);
    ensure!(!store.incidents(vec![id]).await?.is_empty(), "there is no incident {incident}");
    let gate = at.gate_of(opened).await?;
    let word = Deed::EraseTexts.word();
    let mut entry = gate.entry(operator(), &here(), word, &format!("incident {incident}"));
    entry.after = Some(json!({"reason": reason.trim()}));
    erase(&*store, Event::EraseTexts(TextErasure::Of(id)), entry).await?;
    writeln!(stdout(), "incident {incident}: what was written of it is erased")?;
    Ok(())
}

/// Appends it, at whatever time the log ends, and carries it out.
async fn erase(store: &dyn Store, event: Event, entry: Entry) -> anyhow::Result<()> {
    store.append(Draft { events: vec![event], audit: vec![entry], ..Draft::default() }).await?;
    while store.forget_some(EVENTS, clock::wall()).await? {}
    Ok(())
}

/// A time after all that is known of a unit. A position may lie some minutes after the
/// end of the log, or more if the clock was doubted when it came.
async fn after_all(store: &dyn Store, unit: UnitId, end: Time) -> anyhow::Result<Time> {
    let mut before = end + LEAP_MS + 1;
    loop {
        let later = store.track(unit, before, Time::from_ms(i64::MAX), READ).await?;
        let Some(newest) = later.last() else { return Ok(before) };
        before = newest.at + 1;
    }
}

async fn numbered(contents: &dyn Contents, code: &str) -> anyhow::Result<(UnitId, Code)> {
    let mut still = contents.still().await?;
    let mut units = still.rows(Part::Units);
    while let Some(row) = units.try_next().await? {
        if let Row::Unit(row) = row
            && &*row.unit.code == code
        {
            return Ok((row.unit.id, row.unit.agency));
        }
    }
    bail!("there is no unit “{code}”");
}
