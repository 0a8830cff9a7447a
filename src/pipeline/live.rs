//! The task.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::{Change, Event, Offset, Time};
use crate::engine::Engine;
use crate::store::Store;
use crate::stream::Hub;

use super::behind::Behind;
use super::changes;
use super::clock::Clock;
use super::commit::{Done, Page, commit, read_on};
use super::directory::Directory;
use super::fixes::Fixes;
use super::gather::{Gathered, Sealed};
use super::health::Health;
use super::inlet::{Question, ROOM, Standing};
use super::keeper::Notes;
use super::meters;
use super::parcel::{Parcel, Waiting, take_out, tell_all};
use super::stats::{self, Scope};
use super::submission::Refused;
use super::work::{Outcome, Why, Work};

/// How often figures are told, and time is looked at when nothing happens.
const BEAT: Duration = Duration::from_secs(1);

/// How long to wait before the log is read again, after that has failed.
const PAUSE: Duration = Duration::from_millis(500);

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
    /// Whether that is all of the log that may be ours.
    pub sure: bool,
    /// Where the log ends, whoever has brought it there.
    pub end: watch::Receiver<Offset>,
    /// Whether that is to be looked at.
    pub more: bool,
    /// How long to wait before that is found out.
    pub pause: Duration,
    /// Whether time must be told to the engine.
    pub due: bool,
    pub health: Health,
    pub notes: Notes,
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
        let mut work = Work::None;
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut parcels = Vec::new();
        let mut open = true;
        loop {
            if !open && !work.is_commit() && (gathered.is_empty() || !self.sure) {
                gathered.refuse(&Refused::Stopped);
                return;
            }
            if work.is_none() {
                work = self.begin_next(&mut gathered, self.offset);
            }
            tokio::select! {
                outcome = work.done() => work = match outcome {
                    Outcome::Commit(Ok(done), waiting, clock) => {
                        self.settle(done, waiting, clock, &mut gathered)
                    }
                    Outcome::Commit(Err(why), waiting, _) => self.give_up(waiting, &*why),
                    Outcome::Read(page) => self.find_out(page, &mut gathered),
                },
                Some(question) = inbox.questions.recv() => question(&self.standing()),
                some = inbox.parcels.recv_many(&mut parcels, 256), if open => {
                    open = some > 0;
                    parcels.drain(..).for_each(|parcel| gathered.push(parcel));
                }
                Ok(()) = self.end.changed() => self.more = true,
                _ = beat.tick() => self.beat(&inbox),
                () = inbox.stop.cancelled(), if !inbox.parcels.is_closed() => inbox.parcels.close(),
            }
        }
    }

    fn standing(&self) -> Standing<'_> {
        Standing { engine: &self.engine, offset: self.offset }
    }

    /// Begins to commit what has gathered, as the batch after `last`; or the time,
    /// if something is due; or a proof that the store works, if one is wanted; or
    /// reads what another server has appended. While it is not known what the log
    /// holds of ours, that is found out first.
    fn begin_next(&mut self, gathered: &mut Gathered, last: Offset) -> Work {
        let store = Arc::clone(&self.store);
        if !self.sure {
            return Work::Read(tokio::spawn(read_on(store, self.offset, self.pause)));
        }
        let now = self.clock.now();
        let due = std::mem::take(&mut self.due);
        let sealed = gathered
            .seal(&mut self.fixes, &self.clock)
            .or_else(|| now.filter(|_| due).map(Sealed::tick))
            .or_else(|| self.health.proof(now.unwrap_or_else(|| self.engine.now())));
        let Some(mut sealed) = sealed else { return self.follow(last) };
        sealed.draft.known = last;
        if sealed.events() > 0 {
            meters::sealed(sealed.events());
        }
        let (waiting, clock) = (std::mem::take(&mut sealed.waiting), sealed.clock);
        Work::Commit { task: tokio::spawn(commit(store, sealed, last)), waiting, clock }
    }

    /// Begins to read what another server has appended after `last`.
    fn follow(&mut self, last: Offset) -> Work {
        if !self.more || *self.end.borrow() <= last {
            return Work::None;
        }
        self.more = false;
        Work::Read(tokio::spawn(read_on(Arc::clone(&self.store), last, Duration::ZERO)))
    }

    /// Takes in a batch that is durable, with the next one already under way.
    fn settle(
        &mut self,
        done: Done,
        mut waiting: Vec<Waiting>,
        clock: Option<Time>,
        gathered: &mut Gathered,
    ) -> Work {
        let Done { before, committed, found } = done;
        self.health = Health::proven(Instant::now());
        if let Some(to) = clock {
            self.clock.drive(to);
        }
        take_out(&mut waiting, &found);
        take_out(&mut waiting, &committed.repeated);
        self.take_in(before);
        self.remember(committed.offset, &committed.events);
        let any = !committed.events.is_empty();
        let next = self.begin_next(gathered, if any { committed.offset } else { self.offset });
        if any {
            self.apply(committed.offset, committed.at, &committed.events);
        }
        if !waiting.is_empty() {
            meters::answered(tell_all(waiting, self.offset, &committed));
        }
        next
    }

    /// After a failure: whether the batch is in the log after all. Until that is
    /// known nothing is accepted.
    fn give_up(&mut self, waiting: Vec<Waiting>, why: &dyn Display) -> Work {
        self.sure = false;
        self.pause = Duration::ZERO;
        self.health.failed();
        let why = failed("committing a batch", why);
        for sender in waiting {
            sender.refuse(why.clone());
        }
        Work::None
    }

    /// Takes in what has been read of the log; when nothing is left, all is known.
    fn find_out(&mut self, page: Result<Page, Why>, gathered: &mut Gathered) -> Work {
        match page {
            Ok(page) => {
                self.sure |= page.is_empty();
                self.more |= !page.is_empty();
                self.pause = Duration::ZERO;
                self.take_in(page);
            }
            Err(why) => {
                self.sure = false;
                self.pause = PAUSE;
                gathered.refuse(&failed("reading on after a failure", &*why));
            }
        }
        Work::None
    }

    /// Takes in batches of the log.
    pub fn take_in(&mut self, page: Page) {
        for (offset, batch) in page {
            self.remember(offset, &batch.events);
            self.apply(offset, batch.at, &batch.events);
        }
        self.show_time();
    }

    /// A driven clock shows no less than the log.
    pub fn show_time(&self) {
        if self.engine.now() > Time::default() {
            self.clock.drive(self.engine.now());
        }
    }

    /// Remembers the fixes of a batch that stands in the log, and what is to be
    /// forgotten behind it.
    fn remember(&mut self, offset: Offset, events: &[Event]) {
        for event in events {
            match event {
                Event::Position(fix) => self.fixes.committed(offset, fix),
                Event::Forget(forget) => self.behind.forget(*forget),
                _ => {}
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
        self.notes.send(changes::steps(offset, &self.changes));
        self.behind.add(events.len());
        meters::applied(events, applied - begun, applied.elapsed());
    }

    /// Once a second: tells the figures, looks whether something is due, and
    /// gives out chores.
    fn beat(&mut self, inbox: &Inbox) {
        let compacted = self.behind.give_out(self.offset, &self.engine);
        self.fixes.compacted(compacted);
        let beat = Instant::now();
        self.health.beat(beat);
        let stored_ago = self.health.age(beat);
        let free = inbox.room.available_permits();
        meters::standing(ROOM.saturating_sub(free), self.offset, compacted, stored_ago);
        let Some(now) = self.clock.now() else { return };
        self.due = !self.clock.is_driven() && self.engine.next_due().is_some_and(|due| due <= now);
        let day_start = stats::day_start(now, &self.scope.zone);
        let figures = self.engine.figures(now, day_start, self.scope.level);
        let moment = stats::Moment { now, day_start, stored_ago };
        self.hub.publish_stats(&stats::frame(moment, self.engine.rules(), figures));
    }
}

/// Logs a failure under a number, which is all that goes out.
fn failed(deed: &'static str, why: &dyn Display) -> Refused {
    let failure = Uuid::now_v7().to_string();
    tracing::error!(failure, error = %why, "{deed}");
    meters::failed();
    Refused::StoreFailed(failure)
}
