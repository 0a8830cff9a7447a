//! What follows behind the log: alerts with their steps, tracks, checkpoints.
//!
//! All of it can be made again from the log, so a failure here is logged and
//! tried again, and nobody is kept waiting. Where the store will never take an alert,
//! the pipeline ends, for what is to be kept would only become more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::domain::{Forget, Offset, TextErasure};
use crate::engine::Frozen;
use crate::store::{AlertRecord, Store, StoreError};

use super::{clock, meters};

/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_secs(1);

/// Events brought into tracks at once: some tenths of a second of reading and
/// sorting, some 20 MB.
pub const COMPACT_EVENTS: usize = 100_000;

/// Events of the log looked through at once for what is to be forgotten: some tens
/// of milliseconds.
pub const FORGET_EVENTS: usize = 20_000;

/// What the store will never do, however often it is tried.
#[derive(Debug, thiserror::Error)]
#[error("{deed}: {why}")]
pub struct Unkept {
    /// What was to be done.
    pub deed: &'static str,
    /// Why not.
    pub why: StoreError,
}

/// For the task that keeps alerts.
#[derive(Debug)]
pub enum Note {
    /// Steps of a batch.
    Steps(Vec<AlertRecord>),
    /// To be answered when all before it is kept.
    Barrier(oneshot::Sender<()>),
}

/// Steps that may be on their way to be kept while the log is replayed: some 10 MB.
const STEPS: usize = 4_096;

/// The way to the task that keeps alerts.
#[derive(Debug)]
pub struct Notes {
    to: mpsc::UnboundedSender<Note>,
    /// How many were handed in since all were last seen to be kept.
    steps: usize,
}

impl Notes {
    /// To the task at the other end.
    pub const fn new(to: mpsc::UnboundedSender<Note>) -> Self {
        Self { to, steps: 0 }
    }

    /// Hands in the steps of a batch.
    pub fn send(&mut self, steps: Vec<AlertRecord>) {
        if !steps.is_empty() {
            self.steps += steps.len();
            // Who keeps them ends after this task.
            let _gone = self.to.send(Note::Steps(steps));
        }
    }

    /// Waits until all are kept, if they are many. The live task never does.
    pub async fn kept(&mut self) {
        if self.steps < STEPS {
            return;
        }
        let (reached, kept) = oneshot::channel();
        if self.to.send(Note::Barrier(reached)).is_ok() {
            // Gone when the service is given up.
            let _gone = kept.await;
        }
        self.steps = 0;
    }
}

/// For the task that keeps tracks and checkpoints.
#[derive(Debug)]
pub enum Chore {
    /// Bring fixes into tracks up to here.
    Compact(Offset),
    /// Keep the engine as it stood after this batch.
    Checkpoint(Offset, Frozen),
    /// Take this out of tracks and checkpoints, and go on taking out of the log what is
    /// to be removed.
    Remove(Removals),
}

/// What is to be removed behind the live picture.
#[derive(Debug, Default)]
pub struct Removals {
    /// Fixes.
    pub fixes: Vec<Forget>,
    /// Texts of incidents.
    pub texts: Vec<TextErasure>,
}

impl Removals {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.fixes.is_empty() && self.texts.is_empty()
    }
}

/// Batches whose steps are kept in one transaction, if so many wait.
const AT_ONCE: usize = 1_024;

/// Keeps alerts until nobody is left to tell of them. The channel is unbounded:
/// alerts are few, and the live task must not wait for the store here.
///
/// # Errors
/// When the store will never take one.
pub async fn keep_alerts(
    store: Arc<dyn Store>,
    mut notes: mpsc::UnboundedReceiver<Note>,
) -> Result<(), Unkept> {
    let mut some = Vec::new();
    while notes.recv_many(&mut some, AT_ONCE).await > 0 {
        let mut steps = Vec::new();
        let mut barriers = Vec::new();
        for note in some.drain(..) {
            match note {
                Note::Steps(more) => steps.extend(more),
                Note::Barrier(reached) => barriers.push(reached),
            }
        }
        let keep = || store.put_alerts(steps.clone());
        if !until_done("keeping alerts", keep, || notes.is_closed()).await? {
            // The next start replays and keeps them.
            return Ok(());
        }
        for reached in barriers {
            // Who asked may have stopped.
            let _gone = reached.send(());
        }
    }
    Ok(())
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
            Chore::Remove(removals) => {
                let remove = || remove(&*store, &removals, &chores);
                match until_done("removing fixes and texts", remove, || chores.is_closed()).await {
                    // The next start goes on.
                    Ok(false) => return,
                    Ok(true) => ("remove", Ok(())),
                    Err(Unkept { why, .. }) => ("remove", Err(why)),
                }
            }
        };
        meters::chore(name, begun);
        if let Err(why) = done {
            tracing::error!(error = %why, chore = name, "a chore failed; it comes again");
        }
    }
}

/// Tries until it is done; whether it is, or nobody is left to try it for.
///
/// # Errors
/// With what no further try would change.
async fn until_done<T: Future<Output = Result<(), StoreError>>>(
    deed: &'static str,
    attempt: impl Fn() -> T,
    is_over: impl Fn() -> bool,
) -> Result<bool, Unkept> {
    let mut told = false;
    while let Err(why) = attempt().await {
        if !why.may_pass() {
            return Err(Unkept { deed, why });
        }
        // Once, not every second while the store is away.
        if !std::mem::replace(&mut told, true) {
            tracing::error!(error = %why, "{deed}; trying again");
        }
        if is_over() {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(true)
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

/// Removes fixes and texts wherever they are behind the live picture. What is cut short
/// goes on after the next start.
async fn remove(
    store: &dyn Store,
    removals: &Removals,
    chores: &mpsc::Receiver<Chore>,
) -> Result<(), StoreError> {
    // A checkpoint that was frozen before may have been kept since, and fixes that were
    // read before may have gone into tracks.
    for &forget in &removals.fixes {
        clean_checkpoints(store, move |bytes| Frozen::without(bytes, &forget)).await?;
        store.forget_tracks(forget).await?;
    }
    for &erasure in &removals.texts {
        clean_checkpoints(store, move |bytes| Frozen::without_texts(bytes, &erasure)).await?;
    }
    while !chores.is_closed() {
        let begun = Instant::now();
        if !store.forget_some(FORGET_EVENTS, clock::wall()).await? {
            break;
        }
        // As long again for the others.
        tokio::time::sleep(begun.elapsed()).await;
    }
    Ok(())
}

async fn clean_checkpoints(
    store: &dyn Store,
    clean: impl Fn(&[u8]) -> Option<Vec<u8>> + Copy + Send + 'static,
) -> Result<(), StoreError> {
    for offset in store.checkpoints().await? {
        let Some(bytes) = store.checkpoint(offset).await? else { continue };
        let clean = tokio::task::spawn_blocking(move || clean(&bytes)).await;
        // It fails only when the runtime is being shut down.
        if let Ok(Some(clean)) = clean {
            store.save_checkpoint(offset, clean).await?;
        }
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
