//! What is to be forgotten behind the log, and how far that has come.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::{Batch, Code, Event, Forget, Offset, Position, Time, UnitId};

use super::StoreError;
use super::audit::Entry;
use super::rows::{Cells, Record, int};
use super::tracks::{HOUR_MS, hour};

/// Something to be forgotten, of which some may be there still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgetting {
    /// The batch that says so: what is meant stands in those before it.
    pub offset: Offset,
    /// What is meant.
    pub forget: Forget,
    /// Up to where one unit's fixes are gone.
    pub reached: Offset,
    /// How many fixes were found so far.
    pub fixes: u64,
}

impl Forgetting {
    /// Those that a batch asks for, at their beginning.
    pub fn asked(offset: Offset, events: &[Event]) -> impl Iterator<Item = Self> {
        events.iter().filter_map(move |event| match event {
            Event::Forget(forget) => {
                Some(Self { offset, forget: *forget, reached: Offset(0), fixes: 0 })
            }
            _ => None,
        })
    }

    /// Of a row of its columns.
    pub fn of(row: &impl Record) -> Result<Self, StoreError> {
        let cells = Cells::of(row, "forgetting", "seq")?;
        // No unit is numbered 0.
        let unit = Some(UnitId(cells.small("unit")?)).filter(|unit| unit.0 > 0);
        Ok(Self {
            offset: Offset(cells.number("seq")?),
            forget: Forget { unit, before: Time::from_ms(cells.int("before")?) },
            reached: Offset(cells.number("reached")?),
            fixes: cells.number("fixes")?,
        })
    }

    /// Of rows of the log the first, as many as hold so many events; their numbers.
    pub fn some(rows: &[impl Record], most_events: usize) -> Result<Vec<i64>, StoreError> {
        let mut left = int(most_events as u64);
        let mut some = Vec::new();
        for row in rows {
            if left <= 0 {
                break;
            }
            let cells = Cells::of(row, "log", "seq")?;
            left -= cells.int("events")?;
            some.push(cells.int("seq")?);
        }
        Ok(some)
    }

    /// What the audit log says when all is gone; `unit` is a row of whose it was: `code`
    /// and `agency`.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn entry(&self, unit: Option<&impl Record>, now: Time) -> Result<Entry, StoreError> {
        let (mut target, mut about) = ("positions".to_owned(), None);
        if let Some(row) = unit {
            let cells = Cells::of(row, "units", "id")?;
            target = format!("unit {}", cells.text("code")?);
            let agency = Code::from_number(cells.small("agency")?);
            about = Some(agency.map_err(|why| cells.corrupt("agency", &why))?);
        }
        let after = json!({
            "batch": self.offset.0, "before": self.forget.before, "fixes": self.fixes,
        });
        Ok(Entry { about, ..Entry::of_pilin(now, "forgotten", target, after) })
    }
}

/// A batch after something was taken out of it.
#[derive(Debug)]
pub struct Looked {
    /// What is left.
    pub events: Vec<Event>,
    /// When the oldest fix that is left was taken, as the log keeps it.
    pub oldest_fix: i64,
    /// How many fixes were taken out.
    pub gone: u64,
}

impl Looked {
    /// Takes out of a batch what is to be forgotten.
    pub fn at(batch: Batch, forget: &Forget) -> Self {
        let mut events = batch.events;
        let gone = forget.take_out(&mut events);
        Self { oldest_fix: oldest_fix(&events), events, gone }
    }
}

/// When the oldest fix among events was taken, as the log keeps it: the latest time
/// there is, if there is none.
pub fn oldest_fix(events: &[Event]) -> i64 {
    let times = events.iter().filter_map(|event| match event {
        Event::Position(fix) => Some(fix.at.ms()),
        _ => None,
    });
    times.min().unwrap_or(i64::MAX)
}

/// What is left of a row of tracks; `None` if nothing is to be taken out of it.
pub fn left_of(mut block: Vec<Position>, forget: &Forget) -> Option<Vec<Position>> {
    let many = block.len();
    block.retain(|fix| !forget.means(fix));
    (block.len() < many).then_some(block)
}

/// The first hour that is not to be forgotten as a whole, and whether some of it is.
pub fn first_hour(forget: &Forget) -> (i64, bool) {
    let first = hour(forget.before);
    (first, first * HOUR_MS < forget.before.ms())
}
