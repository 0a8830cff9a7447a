//! What follows behind the log: alerts with their steps, tracks, checkpoints.
//!
//! All of it can be made again from the log, so a failure here is logged and
//! tried again, and nobody is kept waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use crate::domain::Offset;
use crate::engine::{Engine, Frozen};
use crate::store::{AlertRecord, Store, StoreError};

use super::meters;

/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_secs(1);

/// Events brought into tracks at once: some tenths of a second of reading and
/// sorting, some 20 MB.
const COMPACT_EVENTS: usize = 100_000;

/// How often what follows behind the log is done: after so many events, or so
/// much time if there were any.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bringing fixes into tracks.
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
            compact: (100_000, Duration::from_secs(30)),
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
}

impl Behind {
    /// Gives chores to the task at the other end.
    pub fn new(chores: mpsc::Sender<Chore>, compacted: Arc<AtomicU64>, pace: Pace) -> Self {
        let since = Since { events: 0, begun: Instant::now() };
        Self { chores, compacted, pace, since_compact: since, since_checkpoint: since }
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
            if self.since_checkpoint.due(self.pace.checkpoint) {
                place.send(Chore::Checkpoint(offset, engine.freeze()));
                self.since_checkpoint = Since { events: 0, begun: Instant::now() };
                self.since_compact = self.since_checkpoint;
            } else if self.since_compact.due(self.pace.compact) {
                place.send(Chore::Compact(offset));
                self.since_compact = Since { events: 0, begun: Instant::now() };
            }
        }
        Offset(self.compacted.load(Ordering::Acquire))
    }
}

/// What has come since something was last done.
#[derive(Clone, Copy, Debug)]
struct Since {
    events: u64,
    begun: Instant,
}

impl Since {
    fn due(&self, (events, time): (u64, Duration)) -> bool {
        self.events >= events || self.events > 0 && self.begun.elapsed() >= time
    }
}

/// For the task that keeps alerts.
#[derive(Debug)]
pub enum Note {
    /// Steps of a batch.
    Steps(Vec<AlertRecord>),
    /// To be answered when all before it is kept.
    Barrier(oneshot::Sender<()>),
}

/// For the task that keeps tracks and checkpoints.
#[derive(Debug)]
pub enum Chore {
    /// Bring fixes into tracks up to here.
    Compact(Offset),
    /// Keep the engine as it stood after this batch.
    Checkpoint(Offset, Frozen),
}

/// Keeps alerts until nobody is left to tell of them. The channel is unbounded:
/// alerts are few, and the live task must not wait for the store here.
pub async fn keep_alerts(store: Arc<dyn Store>, mut notes: mpsc::UnboundedReceiver<Note>) {
    let mut some = Vec::new();
    while notes.recv_many(&mut some, 64).await > 0 {
        let mut steps = Vec::new();
        let mut barriers = Vec::new();
        for note in some.drain(..) {
            match note {
                Note::Steps(more) => steps.extend(more),
                Note::Barrier(reached) => barriers.push(reached),
            }
        }
        while let Err(why) = store.put_alerts(steps.clone()).await {
            tracing::error!(error = %why, "keeping alerts; trying again");
            if notes.is_closed() {
                // The next start replays and keeps them.
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        for reached in barriers {
            // Who asked may have stopped.
            let _gone = reached.send(());
        }
    }
}

/// Does chores, one at a time, until nobody is left to give one.
pub async fn do_chores(
    store: Arc<dyn Store>,
    mut chores: mpsc::Receiver<Chore>,
    notes: mpsc::WeakUnboundedSender<Note>,
    compacted: Arc<AtomicU64>,
) {
    while let Some(chore) = chores.recv().await {
        let begun = Instant::now();
        let (name, done) = match chore {
            Chore::Compact(upto) => ("compact", compact(&*store, upto, &compacted, &chores).await),
            Chore::Checkpoint(offset, frozen) => {
                let done = async {
                    compact(&*store, offset, &compacted, &chores).await?;
                    checkpoint(&*store, offset, frozen, &notes).await
                };
                ("checkpoint", done.await)
            }
        };
        meters::chore(name, begun);
        if let Err(why) = done {
            tracing::error!(error = %why, chore = name, "a chore failed; it comes again");
        }
    }
}

async fn compact(
    store: &dyn Store,
    upto: Offset,
    compacted: &AtomicU64,
    chores: &mpsc::Receiver<Chore>,
) -> Result<(), StoreError> {
    while compacted.load(Ordering::Acquire) < upto.0 && !chores.is_closed() {
        let begun = Instant::now();
        let reached = store.compact(upto, COMPACT_EVENTS).await?;
        let before = compacted.swap(reached.0, Ordering::AcqRel);
        if reached.0 <= before {
            break;
        }
        // As long again for the others: this is never urgent.
        tokio::time::sleep(begun.elapsed()).await;
    }
    Ok(())
}

async fn checkpoint(
    store: &dyn Store,
    offset: Offset,
    frozen: Frozen,
    notes: &mpsc::WeakUnboundedSender<Note>,
) -> Result<(), StoreError> {
    // A start from this checkpoint does not make the alerts before it again.
    let (reached, kept) = oneshot::channel();
    let told = notes.upgrade().is_some_and(|notes| notes.send(Note::Barrier(reached)).is_ok());
    if !told || kept.await.is_err() {
        return Ok(());
    }
    // It fails only when the runtime is being shut down.
    let Ok(bytes) = tokio::task::spawn_blocking(move || frozen.encode()).await else {
        return Ok(());
    };
    store.save_checkpoint(offset, bytes).await
}
