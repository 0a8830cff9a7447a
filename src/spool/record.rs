//! What is kept together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{Event, NewIncident, NewUnit, Position, UnitId};
use crate::store::{Draft, Entry, Owner};

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
    /// Whose the names of the reports are; stands behind all else, where versions that
    /// know nothing of it do not look.
    #[serde(skip)]
    owners: Vec<Owner>,
}

impl Record {
    /// What a draft holds that can wait.
    #[must_use]
    pub fn of(mut draft: Draft, code: impl Fn(UnitId) -> Option<Arc<str>>) -> Self {
        let fixes = std::mem::take(&mut draft.events).into_iter().filter_map(|event| match event {
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
        let Draft { units, incidents, owners, .. } = draft;
        Self { units, incidents, fixes, codes, entries, owners }
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

    /// Whose the names of the reports are, one each.
    pub fn owners(&self) -> impl Iterator<Item = Owner> {
        let rest = std::iter::repeat(Owner::NOBODY);
        self.owners.iter().copied().chain(rest).take(self.incidents.len())
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, SpoolError> {
        let broken = |why: postcard::Error| SpoolError::Broken(why.to_string());
        let payload = postcard::to_stdvec(self).map_err(broken)?;
        if self.owners.iter().all(Owner::is_nobody) {
            return Ok(payload);
        }
        postcard::to_extend(&self.owners, payload).map_err(broken)
    }

    pub(super) fn decode(payload: &[u8]) -> postcard::Result<Self> {
        let (mut record, rest): (Self, _) = postcard::take_from_bytes(payload)?;
        if !rest.is_empty() {
            (record.owners, _) = postcard::take_from_bytes(rest)?;
        }
        Ok(record)
    }
}
