//! The task.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::{Change, Event, Offset, Time};
use crate::engine::Engine;
use crate::store::{Committed, Store, StoreError};
use crate::stream::Hub;

use super::changes;
use super::clock::Clock;
use super::commit::{Outcome, commit};
use super::directory::Directory;
use super::fixes::Fixes;
use super::gather::{Gathered, Sealed};
use super::inlet::{Question, ROOM, Standing};
use super::keeper::{Behind, Note};
use super::meters;
use super::parcel::{Parcel, tell_all};
use super::stats::{self, Scope};
use super::submission::Refused;

/// How often figures are told, and time is looked at when nothing happens.
const BEAT: Duration = Duration::from_secs(1);

/// Events read from the log at once.
const READ_EVENTS: usize = 50_000;

/// All that the task owns.
pub(super) struct Live {
    pub store: Arc<dyn Store>,
    pub engine: Engine,
    pub hub: Arc<Hub>,
    pub clock: Arc<Clock>,
    pub directory: Arc<Directory>,
    pub fixes: Fixes,
    pub scope: Scope,
    /// The newest batch the engine has taken.
    pub offset: Offset,
    /// Whether that is all that the log holds.
    pub sure: bool,
    /// Whether time must be told to the engine.
    pub due: bool,
    pub notes: mpsc::UnboundedSender<Note>,
    pub behind: Behind,
    /// Kept for its capacity.
    pub changes: Vec<Change>,
}

/// What comes in.
pub(super) struct Inbox {
    pub parcels: mpsc::Receiver<Parcel>,
    pub questions: mpsc::Receiver<Question>,
    pub room: Arc<Semaphore>,
    pub stop: CancellationToken,
}

impl Live {
    /// Runs until told to stop; then commits and answers what has come in.
    pub async fn run(mut self, mut inbox: Inbox) {
        let mut gathered = Gathered::default();
        let mut committing: Option<JoinHandle<Outcome>> = None;
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut parcels = Vec::new();
        let mut open = true;
        loop {
            if committing.is_none() {
                if !self.sure {
                    self.find_out(&mut gathered).await;
                }
                committing = self.begin_next(&mut gathered);
            }
            if committing.is_none() && gathered.is_empty() && !open {
                return;
            }
            tokio::select! {
                outcome = finished(&mut committing) => {
                    committing = None;
                    match outcome {
                        Ok(outcome) => committing = self.settle(outcome, &mut gathered).await,
                        Err(why) => {
                            tracing::error!(error = %why, "the task that commits broke down");
                            self.sure = false;
                        }
                    }
                }
                Some(question) = inbox.questions.recv() => question(&self.standing()),
                some = inbox.parcels.recv_many(&mut parcels, 256), if open => {
                    open = some > 0;
                    parcels.drain(..).for_each(|parcel| gathered.push(parcel));
                }
                _ = beat.tick() => self.beat(&inbox),
                () = inbox.stop.cancelled(), if !inbox.parcels.is_closed() => inbox.parcels.close(),
            }
        }
    }

    fn standing(&self) -> Standing<'_> {
        Standing { engine: &self.engine, offset: self.offset }
    }

    /// Begins to commit what has gathered, or the time if something is due.
    fn begin_next(&mut self, gathered: &mut Gathered) -> Option<JoinHandle<Outcome>> {
        if !self.sure {
            return None;
        }
        let due = std::mem::take(&mut self.due);
        let sealed = gathered
            .seal(&mut self.fixes, &self.clock)
            .or_else(|| due.then(|| self.clock.now().map(Sealed::tick)).flatten())?;
        meters::sealed(sealed.events());
        Some(tokio::spawn(commit(Arc::clone(&self.store), sealed)))
    }

    /// Takes in what came of a commit, with the next one already under way.
    async fn settle(
        &mut self,
        outcome: Outcome,
        gathered: &mut Gathered,
    ) -> Option<JoinHandle<Outcome>> {
        let Outcome { done, waiting, clock } = outcome;
        let done = match done {
            Ok(done) => self.up_to(done).await,
            Err(why) => Err(why),
        };
        let done = match done {
            Ok(done) => done,
            Err(why) => {
                let why = self.failed("committing a batch", &why);
                for sender in waiting {
                    sender.refuse(why.clone());
                }
                return None;
            }
        };
        if let Some(to) = clock {
            self.clock.drive(to);
        }
        self.remember(done.offset, &done.events);
        let next = self.begin_next(gathered);
        if !done.events.is_empty() {
            self.apply(done.offset, done.at, &done.events);
        }
        let waited = tell_all(waiting, self.offset, &done);
        meters::answered(waited);
        next
    }

    /// Sees to it that the engine has taken all before a batch: another server
    /// may have appended in between.
    async fn up_to(&mut self, done: Committed) -> Result<Committed, StoreError> {
        if !done.events.is_empty() && done.offset.0 > self.offset.0 + 1 {
            self.catch_up(Some(done.offset)).await?;
        }
        Ok(done)
    }

    /// Takes in the batches of the log that the engine has not, up to before one.
    pub async fn catch_up(&mut self, before: Option<Offset>) -> Result<(), StoreError> {
        loop {
            let batches = self.store.read(self.offset, READ_EVENTS).await?;
            let wanted = |offset: Offset| before.is_none_or(|before| offset < before);
            let mut some = false;
            for (offset, batch) in batches.into_iter().filter(|(offset, _)| wanted(*offset)) {
                self.remember(offset, &batch.events);
                self.apply(offset, batch.at, &batch.events);
                some = true;
            }
            if !some {
                return Ok(());
            }
        }
    }

    /// After a failure: whether the batch is in the log after all. Until that is
    /// known nothing is accepted.
    async fn find_out(&mut self, gathered: &mut Gathered) {
        match self.catch_up(None).await {
            Ok(()) => self.sure = true,
            Err(why) => gathered.refuse(&self.failed("reading on after a failure", &why)),
        }
    }

    /// Logs a failure under a number, which is all that goes out.
    fn failed(&mut self, deed: &'static str, why: &StoreError) -> Refused {
        self.sure = false;
        let failure = Uuid::now_v7().to_string();
        tracing::error!(failure, error = %why, "{deed}");
        meters::failed();
        Refused::StoreFailed(failure)
    }

    /// Remembers the fixes of a batch that stands in the log.
    fn remember(&mut self, offset: Offset, events: &[Event]) {
        for event in events {
            if let Event::Position(fix) = event {
                self.fixes.committed(offset, fix);
            }
        }
    }

    /// Lets the engine take a batch, and tells what follows.
    fn apply(&mut self, offset: Offset, at: Time, events: &[Event]) {
        let begun = Instant::now();
        self.changes.clear();
        for event in events {
            self.engine.apply(event, at, &mut self.changes);
        }
        changes::condense(&mut self.changes);
        self.offset = offset;
        let applied = Instant::now();
        self.hub.publish(offset, at, &self.changes);
        self.directory.enter(events.iter().filter_map(|event| match event {
            Event::Unit(unit) => Some(unit),
            _ => None,
        }));
        let steps = changes::steps(offset, at, &self.changes);
        if !steps.is_empty() {
            // Who keeps them ends after this task.
            let _gone = self.notes.send(Note::Steps(steps));
        }
        self.behind.add(events.len());
        meters::applied(events, applied - begun, applied.elapsed());
    }

    /// Once a second: tells the figures, looks whether something is due, and
    /// gives out chores.
    fn beat(&mut self, inbox: &Inbox) {
        let compacted = self.behind.give_out(self.offset, &self.engine);
        self.fixes.compacted(compacted);
        let free = inbox.room.available_permits();
        meters::standing(ROOM.saturating_sub(free), self.offset, compacted);
        let Some(now) = self.clock.now() else { return };
        self.due = !self.clock.is_driven() && self.engine.next_due().is_some_and(|due| due <= now);
        let day_start = stats::day_start(now, &self.scope.zone);
        let figures = self.engine.figures(now, day_start, self.scope.level);
        self.hub.publish_stats(&stats::frame(now, day_start, self.engine.rules(), figures));
    }
}

/// The outcome of the commit under way; pending for ever if there is none.
async fn finished(committing: &mut Option<JoinHandle<Outcome>>) -> Result<Outcome, JoinError> {
    match committing {
        Some(task) => task.await,
        None => std::future::pending().await,
    }
}
