//! The way in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use crate::domain::{Offset, Time};
use crate::engine::Engine;
use crate::store::{Entry, Since};
use crate::stream::Gone;

use super::aside::{Held, Room};
use super::clock::{self, Clock};
use super::devices::Devices;
use super::directory::Directory;
use super::gather::NUMBERED;
use super::parcel::{Parcel, Sender};
use super::submission::{Receipt, Refused, Submission, Verdicts};

/// What may wait to be stored, in fixes: a second's worth at full speed, some
/// 30 MB; a report takes more of it, by its texts.
pub(super) const ROOM: usize = 200_000;

/// Fixes of one submission that go into one batch.
const FIXES: usize = 10_000;

/// How long a submission waits for room before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question to the engine.
pub(super) type Question = Box<dyn FnOnce(&Standing<'_>) + Send>;

/// The engine between two batches.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The newest batch it has taken, and the hub has told of.
    pub offset: Offset,
    /// How the store does.
    pub fitness: Fitness,
}

/// How the store does, and what is kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fitness {
    /// Whether it takes what comes in.
    pub works: bool,
    /// Whether what comes in can be kept meanwhile, as far as that may be.
    pub room: Room,
    /// What is kept and not in the store yet.
    pub held: Held,
    /// Why the picture may be wrong, if the clock or the log is that it follows.
    pub clock: Option<clock::Warning>,
}

/// A handle on the pipeline, one for everybody who needs one.
#[derive(Clone)]
pub struct Inlet {
    pub(super) parcels: mpsc::Sender<Parcel>,
    pub(super) questions: mpsc::Sender<Question>,
    pub(super) room: Arc<Semaphore>,
    pub(super) directory: Arc<Directory>,
    pub(super) devices: Arc<Devices>,
    pub(super) clock: Clock,
}

impl Inlet {
    /// Hands in a submission; resolves when it is durable and has been told to
    /// all who listen, or, while the store is away, is durable in the spool. Waits
    /// while too much is on its way.
    ///
    /// A large submission becomes several batches, one after the other; if one
    /// of them is refused, those before it stay, and sending all again is safe.
    pub async fn send(&self, submission: Submission) -> Result<Receipt, Refused> {
        self.send_told(submission, None).await
    }

    /// Like [`Inlet::send`], with what the audit log is to say of it, written in
    /// the transaction of its (first) batch.
    pub async fn send_told(
        &self,
        submission: Submission,
        entry: Option<Entry>,
    ) -> Result<Receipt, Refused> {
        match &submission {
            Submission::Incidents(_, all) => self.clock.hear(all.iter().map(|new| new.occurred_at)),
            Submission::Positions(all) => self.clock.hear(all.iter().map(|fix| fix.at)),
            _ => {}
        }
        match submission {
            Submission::Incidents(owner, all) if all.len() > NUMBERED => {
                let piece = |piece| Submission::Incidents(owner, piece);
                self.send_pieces(all, NUMBERED, piece, entry).await
            }
            Submission::Units(all, transfers) if all.len() > NUMBERED => {
                let piece = |piece| Submission::Units(piece, transfers.clone());
                self.send_pieces(all, NUMBERED, piece, entry).await
            }
            Submission::Positions(all) if all.len() > FIXES => {
                self.send_pieces(all, FIXES, Submission::Positions, entry).await
            }
            submission => self.send_whole(submission, entry, None).await,
        }
    }

    /// Like [`Inlet::send_told`], of what cannot wait, unless something has happened
    /// since it was looked at: then [`Verdicts::Overtaken`], and what has happened can
    /// be seen.
    pub async fn send_since(
        &self,
        submission: Submission,
        entry: Entry,
        since: Since,
    ) -> Result<Receipt, Refused> {
        self.send_whole(submission, Some(entry), Some(since)).await
    }

    /// Has a question answered from the engine as it stands between two batches.
    /// `f` holds everything up: keep it to a look-up or a copy.
    pub async fn ask<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        self.ask_standing(|standing| f(standing.engine)).await
    }

    /// The same, with the newest batch that the engine has taken.
    pub async fn ask_at<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<(T, Offset), Gone> {
        self.ask_standing(|standing| (f(standing.engine), standing.offset)).await
    }

    /// How the store does.
    pub async fn fitness(&self) -> Result<Fitness, Gone> {
        self.ask_standing(|standing| standing.fitness).await
    }

    /// The units by their codes.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What of devices was refused or is not believed.
    #[must_use]
    pub fn devices(&self) -> &Devices {
        &self.devices
    }

    /// The server's time; `None` while a driven clock is not set.
    #[must_use]
    pub fn now(&self) -> Option<Time> {
        self.clock.now()
    }

    /// What the clock shows; `None` while a driven clock is not set.
    #[must_use]
    pub fn face(&self) -> Option<clock::Face> {
        self.clock.face()
    }

    /// Whether the clock is set from outside.
    pub(super) const fn is_driven(&self) -> bool {
        self.clock.is_driven()
    }

    pub(super) async fn ask_standing<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Standing<'_>) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |standing| {
            // Who asked may have gone away.
            let _gone = answer.send(f(standing));
        });
        self.questions.send(question).await.map_err(|_closed| Gone)?;
        answered.await.map_err(|_dropped| Gone)
    }

    async fn send_pieces<T>(
        &self,
        mut all: Vec<T>,
        size: usize,
        submission: impl Fn(Vec<T>) -> Submission,
        mut entry: Option<Entry>,
    ) -> Result<Receipt, Refused> {
        let mut whole: Option<Receipt> = None;
        let mut sent = 0_u32;
        while !all.is_empty() {
            let rest = all.split_off(size.min(all.len()));
            let piece = std::mem::replace(&mut all, rest);
            let many = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            let receipt = self.send_whole(submission(piece), entry.take(), None).await?;
            whole = Some(match whole {
                None => receipt,
                Some(before) => joined(before, receipt, sent),
            });
            sent = sent.saturating_add(many);
        }
        whole.ok_or(Refused::Stopped)
    }

    async fn send_whole(
        &self,
        submission: Submission,
        entry: Option<Entry>,
        since: Option<Since>,
    ) -> Result<Receipt, Refused> {
        let weight = u32::try_from(submission.weight().clamp(1, ROOM)).unwrap_or(1);
        let room = Arc::clone(&self.room).acquire_many_owned(weight);
        let room = tokio::time::timeout(PATIENCE, room)
            .await
            .map_err(|_waited| Refused::Full)?
            .map_err(|_closed| Refused::Stopped)?;
        let (answer, answered) = oneshot::channel();
        let sender = Sender { answer, since: Instant::now(), _room: room, turn: None };
        self.parcels
            .send(Parcel { submission, entry, since, sender })
            .await
            .map_err(|_closed| Refused::Stopped)?;
        answered.await.map_err(|_dropped| Refused::Stopped)?
    }
}

/// One receipt for two pieces, the second of which begins at item `sent`.
fn joined(before: Receipt, after: Receipt, sent: u32) -> Receipt {
    let verdicts = match (before.verdicts, after.verdicts) {
        // Of the whole it can be said that it is durable.
        (Verdicts::Kept, _) | (_, Verdicts::Kept) => Verdicts::Kept,
        (Verdicts::Each(mut all), Verdicts::Each(more)) => {
            all.extend(more);
            Verdicts::Each(all)
        }
        (Verdicts::Duplicates(mut all), Verdicts::Duplicates(more)) => {
            all.extend(more.into_iter().map(|index| index + sent));
            Verdicts::Duplicates(all)
        }
        (verdicts, _) => verdicts,
    };
    Receipt { offset: after.offset, verdicts }
}

impl fmt::Debug for Inlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet").field("clock", &self.clock).finish_non_exhaustive()
    }
}
