//! Texts that are to be erased behind the log, and how far that has come.
//!
//! Those of one incident go in the transaction that says so. Those of all that is older
//! than a time are many: a note says what is left to do, until all of them are gone.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::{Event, Offset, TextErasure, Time};

use super::StoreError;
use super::audit::Entry;

/// The note.
pub const NOTE: &str = "erasing_texts";

/// Incidents looked at in one transaction, about.
pub const AT_ONCE: i64 = 512;

/// The texts of all that occurred before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextErasing {
    /// The batch that says so: what is meant stands in those before it.
    pub offset: Offset,
    /// Before when it occurred.
    pub before: Time,
    /// Of how many incidents they were erased so far.
    pub incidents: u64,
}

impl TextErasing {
    /// What a note says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_note(text: Option<&str>) -> Result<Option<Self>, StoreError> {
        let corrupt = |why: serde_json::Error| StoreError::Corrupt {
            table: "meta",
            column: NOTE,
            row: 0,
            why: why.to_string(),
        };
        text.map(|text| serde_json::from_str(text).map_err(corrupt)).transpose()
    }

    /// As the note says it.
    pub fn note(&self) -> String {
        json!(self).to_string()
    }

    /// What is to be done when a batch asks for more.
    pub fn and(known: Option<Self>, offset: Offset, before: Time) -> Self {
        let known = known.unwrap_or(Self { offset, before, incidents: 0 });
        Self { offset, before: before.max(known.before), incidents: known.incidents }
    }

    /// What is meant.
    pub const fn erasure(&self) -> TextErasure {
        TextErasure::Before(self.before)
    }

    /// What the audit log says when all are gone.
    pub fn entry(&self, now: Time) -> Entry {
        let after =
            json!({"batch": self.offset.0, "before": self.before, "incidents": self.incidents});
        Entry::of_pilin(now, "forgotten", "texts".to_owned(), after)
    }
}

/// What a batch asks for.
pub fn asked(events: &[Event]) -> impl Iterator<Item = TextErasure> {
    events.iter().filter_map(|event| match event {
        Event::EraseTexts(erasure) => Some(*erasure),
        _ => None,
    })
}
