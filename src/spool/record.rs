//! What is kept together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{Event, NewIncident, NewUnit, Position, UnitId};
use crate::store::{Draft, Entry};

use super::error::SpoolError;

/// Part of a draft that can wait: reports, registrations and fixes, with what the
/// audit log is to say of them.
///
/// Units are named by their codes: a unit may have no number yet, and another process
/// is not to be bound to the numbers of this one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Registrations.
    pub units: Vec<NewUnit>,
    /// Reports.
    pub incidents: Vec<NewIncident>,
    /// Fixes.
    pub fixes: Vec<Position>,
    /// The codes of the units in the fixes.
    pub codes: Vec<(UnitId, Arc<str>)>,
    /// Lines for the audit log, in JSON, which postcard cannot stand in for: they
    /// leave out what is not there.
    entries: Vec<String>,
}

impl Record {
    /// What a draft holds that can wait.
    #[must_use]
    pub fn of(draft: Draft, code: impl Fn(UnitId) -> Option<Arc<str>>) -> Self {
        let fixes = draft.events.into_iter().filter_map(|event| match event {
            Event::Position(fix) => Some(fix),
            _ => None,
        });
        let fixes: Vec<_> = fixes.collect();
        let mut ids: Vec<_> = fixes.iter().map(|fix| fix.unit).collect();
        ids.sort_unstable_by_key(|id| id.0);
        ids.dedup();
        let codes = ids.into_iter().filter_map(|id| Some((id, code(id)?))).collect();
        // Texts and numbers: encoding them cannot fail.
        let line = |entry| serde_json::to_string(entry).unwrap_or_default();
        let entries = draft.audit.iter().map(line).collect();
        Self { units: draft.units, incidents: draft.incidents, fixes, codes, entries }
    }

    /// How many things it holds.
    #[must_use]
    pub const fn items(&self) -> usize {
        self.units.len() + self.incidents.len() + self.fixes.len()
    }

    /// What the audit log is to say.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().filter_map(|line| serde_json::from_str(line).ok())
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, SpoolError> {
        postcard::to_stdvec(self).map_err(|why| SpoolError::Broken(why.to_string()))
    }

    pub(super) fn decode(payload: &[u8]) -> postcard::Result<Self> {
        postcard::from_bytes(payload)
    }
}
