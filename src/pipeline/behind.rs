//! When what follows behind the log is to be done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::domain::{Forget, Offset, TextErasure};
use crate::engine::Engine;
use crate::store::{Store, StoreError};

use super::keeper::{COMPACT_EVENTS, Chore, Removals};

/// How often what follows behind the log is done: after so many events, or so
/// much time if there were any.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bringing fixes into tracks. The longer it waits, the more of a unit's fixes go
    /// into one row; the shorter, the less of the log must be searched for the newest.
    pub compact: (u64, Duration),
    /// Taking a checkpoint; a start replays the events of two such spans.
    pub checkpoint: (u64, Duration),
}

impl Pace {
    /// With a checkpoint after so many events.
    #[must_use]
    pub fn every(checkpoint_events: u64) -> Self {
        let Self { compact, checkpoint } = Self::default();
        Self {
            compact: (compact.0.min(checkpoint_events), compact.1),
            checkpoint: (checkpoint_events, checkpoint.1),
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            compact: (250_000, Duration::from_mins(5)),
            checkpoint: (2_000_000, Duration::from_mins(5)),
        }
    }
}

/// What the live task gives out to be done behind it.
#[derive(Debug)]
pub struct Behind {
    chores: mpsc::Sender<Chore>,
    /// Up to where fixes have gone into tracks.
    compacted: Arc<AtomicU64>,
    pace: Pace,
    since_compact: Since,
    since_checkpoint: Since,
    /// What is to be removed behind the log too.
    removals: Removals,
    /// Whether some of that may have been left undone before the start.
    left_undone: bool,
}

impl Behind {
    /// Gives chores to the task at the other end.
    pub fn new(chores: mpsc::Sender<Chore>, compacted: Arc<AtomicU64>, pace: Pace) -> Self {
        let since = Since { events: 0, begun: Instant::now() };
        Self {
            chores,
            compacted,
            pace,
            since_compact: since,
            since_checkpoint: since,
            removals: Removals::default(),
            left_undone: true,
        }
    }

    /// Fixes are to be forgotten.
    pub fn forget(&mut self, forget: Forget) {
        let fixes = &mut self.removals.fixes;
        if forget.unit.is_none() {
            fixes.retain(|other| other.unit.is_some() || other.before > forget.before);
        }
        fixes.push(forget);
    }

    /// Texts are to be erased.
    pub fn erase_texts(&mut self, erasure: TextErasure) {
        self.removals.texts.push(erasure);
    }

    /// So many events more are in the log.
    pub const fn add(&mut self, events: usize) {
        self.since_compact.events += events as u64;
        self.since_checkpoint.events += events as u64;
    }

    /// Gives out what is due, unless the last chore is still being done; up to
    /// where fixes have gone into tracks.
    pub fn give_out(&mut self, offset: Offset, engine: &Engine) -> Offset {
        if let Ok(place) = self.chores.try_reserve() {
            let now = Instant::now();
            if !self.removals.is_empty() {
                place.send(Chore::Remove(std::mem::take(&mut self.removals)));
                self.left_undone = false;
            } else if self.since_checkpoint.due(self.pace.checkpoint, now) {
                place.send(Chore::Checkpoint(offset, engine.freeze()));
                self.since_checkpoint = Since { events: 0, begun: now };
                self.since_compact = self.since_checkpoint;
            } else if self.since_compact.due(self.pace.compact, now) {
                place.send(Chore::Compact(offset));
                self.since_compact = Since { events: 0, begun: now };
            } else if std::mem::take(&mut self.left_undone) {
                place.send(Chore::Remove(Removals::default()));
            }
        }
        self.compacted()
    }

    /// Up to where fixes have gone into tracks.
    pub fn compacted(&self) -> Offset {
        Offset(self.compacted.load(Ordering::Acquire))
    }

    /// So many fixes that are not in tracks are remembered while the log is replayed.
    pub fn most_fixes(&self) -> usize {
        usize::try_from(self.pace.compact.0).unwrap_or(usize::MAX)
    }

    /// Brings fixes into tracks up to a batch, here and now; not to be called while a
    /// chore may be under way.
    pub async fn compact(&self, store: &dyn Store, upto: Offset) -> Result<(), StoreError> {
        while self.compacted() < upto {
            let reached = store.compact(upto, COMPACT_EVENTS).await?;
            if self.compacted.swap(reached.0, Ordering::AcqRel) >= reached.0 {
                break;
            }
        }
        Ok(())
    }
}

/// What has come since something was last done.
#[derive(Clone, Copy, Debug)]
struct Since {
    events: u64,
    begun: Instant,
}

impl Since {
    fn due(&self, (events, time): (u64, Duration), now: Instant) -> bool {
        self.events >= events || self.events > 0 && now - self.begun >= time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_go_into_tracks_after_250_000_events_or_5_minutes() {
        let begun = Instant::now();
        let is_due = |events, seconds| {
            let now = begun + Duration::from_secs(seconds);
            Since { events, begun }.due(Pace::default().compact, now)
        };
        assert!(!is_due(249_999, 299));
        assert!(is_due(250_000, 0));
        assert!(is_due(1, 300));
        assert!(!is_due(0, 300), "there is nothing to bring");
    }
}
