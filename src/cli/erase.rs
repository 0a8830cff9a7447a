//! `pilin erase`.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use futures_util::TryStreamExt;
use serde_json::json;

use pilin::access::Deed;
use pilin::domain::{Code, Event, Forget, Time, UnitId};
use pilin::pipeline::clock::{self, LEAP_MS};
use pilin::store::contents::{Part, Row};
use pilin::store::{Contents, Draft, Store};

use super::store::{Where, block_on, here, operator};

/// Events of the log looked through at once.
const EVENTS: usize = 100_000;

/// Positions read at once.
const READ: usize = 10_000;

/// Erase where a unit was; the service may run meanwhile.
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
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what: What::Track { unit, before, reason } } = self;
        block_on(async move {
            ensure!(!reason.trim().is_empty(), "--reason: must say something");
            let opened = at.open().await?;
            let (number, agency) = numbered(&*opened.contents, &unit).await?;
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
            let events = vec![Event::Forget(Forget { unit: Some(number), before })];
            // At whatever time the log ends.
            let draft = Draft { events, audit: vec![entry], ..Draft::default() };
            store.append(draft).await?;
            while store.forget_some(EVENTS, clock::wall()).await? {}
            writeln!(stdout(), "{unit}: erased; the audit log says how many positions it was")?;
            Ok(())
        })
    }
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
