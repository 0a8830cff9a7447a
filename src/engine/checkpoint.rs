//! The whole state as bytes, and back.
//!
//! What follows from the rest (clusters, tallies, places) is not written but found
//! again; so a checkpoint does not depend on how the state came about.

use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::atlas::Atlas;
use crate::domain::alert::Acknowledgement;
use crate::domain::{
    Alert, Change, Forget, Incident, IncidentId, RuleSet, TextErasure, Time, Unit,
};

use super::Engine;
use super::fleet::Whereabouts;
use super::record::Record;

/// Changes with what is written, and with what is made of it: whoever finds another
/// version in a store makes all of it anew from the log.
pub const VERSION: u32 = 4;

/// Why bytes are no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Of another version of Pilin: the log must be replayed.
    #[error("the checkpoint is of version {found}, this is {VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// Damaged, or something else.
    #[error("reading the checkpoint: {0}")]
    Damaged(postcard::Error),
}

/// The whole state at one moment. It shares what it holds, so that taking it
/// costs little, and can be encoded elsewhere.
#[derive(Debug, Serialize, Deserialize)]
pub struct Frozen {
    now: Time,
    rules: Arc<RuleSet>,
    units: Vec<(Arc<Unit>, Whereabouts)>,
    incidents: Vec<Arc<Incident>>,
    next_alert: u64,
    alerts: Vec<Kept>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    alert: Arc<Alert>,
    /// A member of the cluster that it is about, while there is one.
    about: Option<IncidentId>,
    recent: Arc<[Time]>,
    replaced: Option<Acknowledgement>,
    hold_ms: i64,
    cooldown_ms: i64,
}

impl Frozen {
    /// What [`Engine::restore`] reads.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Writing plain data to memory cannot fail; if it did, the empty bytes
        // would be refused and the log replayed.
        postcard::to_stdvec(&(VERSION, self)).unwrap_or_default()
    }

    /// Takes fixes out of what [`Frozen::encode`] wrote; `None` if none of them is in
    /// it, or it cannot be read, and so is never used.
    #[must_use]
    pub fn without(bytes: &[u8], forget: &Forget) -> Option<Vec<u8>> {
        let mut state = Self::read(bytes).ok()?;
        let mut any = false;
        for (unit, whereabouts) in &mut state.units {
            any |= whereabouts.forget(forget, unit.id);
        }
        any.then(|| state.encode())
    }

    /// Erases texts in what [`Frozen::encode`] wrote; `None` if there are none of them,
    /// or it cannot be read.
    #[must_use]
    pub fn without_texts(bytes: &[u8], erasure: &TextErasure) -> Option<Vec<u8>> {
        let mut state = Self::read(bytes).ok()?;
        let mut any = false;
        for incident in &mut state.incidents {
            any |= erasure.erase(Arc::make_mut(incident));
        }
        any.then(|| state.encode())
    }

    fn read(bytes: &[u8]) -> Result<Self, RestoreError> {
        let (found, bytes): (u32, _) =
            postcard::take_from_bytes(bytes).map_err(RestoreError::Damaged)?;
        if found != VERSION {
            return Err(RestoreError::Version { found });
        }
        postcard::from_bytes(bytes).map_err(RestoreError::Damaged)
    }
}

impl Engine {
    /// The whole state, to be encoded elsewhere.
    #[must_use]
    pub fn freeze(&self) -> Frozen {
        let kept = |record: &Record| Kept {
            alert: Arc::clone(&record.alert),
            about: record.cluster.and(record.alert.members.first()),
            recent: Arc::clone(&record.recent),
            replaced: record.replaced.clone(),
            hold_ms: record.hold_ms,
            cooldown_ms: record.cooldown_ms,
        };
        Frozen {
            now: self.now,
            rules: Arc::clone(&self.rules),
            units: self.fleet.whereabouts().cloned().collect(),
            incidents: self.incidents().map(Arc::clone).collect(),
            next_alert: self.alerts.next,
            alerts: self.alerts.records.values().map(kept).collect(),
        }
    }

    /// The whole state. To restore it and go on is as if nothing had been
    /// interrupted.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<u8> {
        self.freeze().encode()
    }

    /// Takes up a state where it was left.
    pub fn restore(atlas: Arc<Atlas>, bytes: &[u8]) -> Result<Self, RestoreError> {
        let state = Frozen::read(bytes)?;
        let mut engine = Self::new(atlas, Arc::default());
        engine.now = state.now;
        let mut told: Vec<Change> = Vec::new();
        for (unit, whereabouts) in state.units {
            engine.fleet.register(&unit, &mut told);
            engine.fleet.restore(unit.id, whereabouts);
            told.clear();
        }
        for incident in state.incidents {
            engine.window.enter(&incident, &engine.atlas);
        }
        engine.resume(&state.rules);
        engine.alerts.next = state.next_alert;
        for Kept { alert, about, recent, replaced, hold_ms, cooldown_ms } in state.alerts {
            let cluster = None;
            let mut record = Record { alert, cluster, recent, replaced, hold_ms, cooldown_ms };
            record.cluster = about.and_then(|member| engine.reattach(&record, member));
            engine.alerts.put(record);
        }
        Ok(engine)
    }

    /// A number that differs when the state does.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write(&self.checkpoint());
        for rule in self.rules.rules() {
            for labelled in self.clusters(&rule.id).into_iter().flatten() {
                hasher.write_u64(labelled.incident.0);
                hasher.write_u32(labelled.cluster.map_or(0, |cluster| cluster + 1));
                hasher.write_u8(u8::from(labelled.core));
            }
        }
        hasher.finish()
    }
}
