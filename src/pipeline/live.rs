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
use crate::store::{Store, StoreError};
use crate::stream::Hub;

use super::absence::Absence;
use super::aside::Aside;
use super::behind::Behind;
use super::changes;
use super::clock::{Clock, Warning};
use super::commit::{Done, Page, commit, read_on};
use super::devices::Devices;
use super::directory::Directory;
use super::fixes::Fixes;
use super::gather::{Gathered, Of, Sealed};
use super::health::Health;
use super::inlet::{Fitness, Question, ROOM, Standing};
use super::keeper::Notes;
use super::meters;
use super::parcel::{Parcel, Waiting, refuse_all, take_out, tell_all};
use super::readying::{self, Readying};
use super::stats::{self, Scope};
use super::submission::Refused;
use super::work::{Besides, Outcome, Why, Work};

/// How often figures are told, and time is looked at when nothing happens.
const BEAT: Duration = Duration::from_secs(1);

/// How long to wait before the log is read again, or the spool is brought into it,
/// after that has failed.
const PAUSE: Duration = Duration::from_millis(500);

/// A store that takes so long is away, for those who have not begun to wait for it.
const SLOW: Duration = Duration::from_secs(2);

/// All that the task owns.
pub(super) struct Live {
    pub store: Arc<dyn Store>,
    pub engine: Engine,
    pub hub: Arc<Hub>,
    pub clock: Clock,
    pub directory: Arc<Directory>,
    pub devices: Arc<Devices>,
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
    pub absence: Absence,
    pub aside: Aside,
    pub notes: Notes,
    pub behind: Behind,
    pub readying: Readying,
    /// That it was said that the log ends in the future.
    pub warned: Option<Warning>,
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
        let mut begun = Instant::now();
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut parcels = Vec::new();
        let mut open = true;
        loop {
            self.readying.begin_next(&self.engine);
            let slow = !work.is_none() && begun.elapsed() > SLOW;
            let away = slow || !open && !self.aside.is_empty();
            self.keep_aside(&mut gathered, away, work.may_be_kept());
            let idle = !work.must_end() && self.aside.is_idle();
            let ready = self.readying.is_empty();
            let mut done = idle && ready && (gathered.is_empty() || !self.sure);
            if work.is_none() && (open || !done) {
                work = self.begin_next(&mut gathered, self.offset);
                begun = Instant::now();
                // What is left then waits for the spool, which waits for the next start.
                done = work.is_none() && ready && self.aside.is_idle();
            }
            if !open && done {
                gathered.refuse(Of::All, &Refused::Stopped);
                return;
            }
            tokio::select! {
                outcome = work.done() => {
                    work = match outcome {
                        Outcome::Commit(Ok(done), waiting, besides) => {
                            self.settle(done, waiting, &besides, &mut gathered)
                        }
                        Outcome::Commit(Err(why), waiting, besides) => {
                            self.give_up(waiting, *besides, &why)
                        }
                        Outcome::Read(page) => self.find_out(page, &mut gathered),
                        Outcome::Fetch(fetched) => self.bring_in(fetched),
                    };
                    begun = Instant::now();
                }
                kept = self.aside.kept() => self.answer_kept(kept),
                ready = self.readying.done() => {
                    self.readying.settle(ready, &mut self.engine, &mut gathered);
                }
                Some(question) = inbox.questions.recv() => question(&self.standing()),
                some = inbox.parcels.recv_many(&mut parcels, 256), if open => {
                    open = some > 0;
                    self.aside.shut(!open);
                    let others = parcels.drain(..).filter_map(|parcel| self.readying.take(parcel));
                    others.for_each(|parcel| gathered.push(parcel));
                }
                Ok(()) = self.end.changed() => self.more = true,
                _ = beat.tick() => self.beat(&inbox),
                () = inbox.stop.cancelled(), if !inbox.parcels.is_closed() => inbox.parcels.close(),
            }
        }
    }

    fn standing(&self) -> Standing<'_> {
        let fitness = Fitness {
            works: self.health.works(Instant::now()),
            room: self.aside.room(),
            held: self.aside.held(),
            clock: self.clock.warning(self.engine.now()),
        };
        Standing { engine: &self.engine, offset: self.offset, fitness }
    }

    /// Begins to commit what has gathered, as the batch after `last`; or the time,
    /// if something is due; or a proof that the store works, if one is wanted; or
    /// reads what another server has appended. While it is not known what the log
    /// holds of ours, that is found out first; and while something is kept aside, that
    /// goes before what can wait.
    fn begin_next(&mut self, gathered: &mut Gathered, last: Offset) -> Work {
        if !self.sure {
            let store = Arc::clone(&self.store);
            return Work::Read(tokio::spawn(read_on(store, self.offset, self.pause)));
        }
        let now = self.clock.now();
        let due = std::mem::take(&mut self.due);
        let of = if self.aside.is_empty() { Of::All } else { Of::Urgent };
        let sealed = gathered
            .seal(of, &mut self.fixes, &self.clock, &self.directory)
            .or_else(|| now.filter(|_| due).map(Sealed::tick));
        if sealed.is_none() && now.is_some() && !self.aside.waits_for_proof() {
            let waits = self.health.is_failing() || self.aside.is_stuck();
            let pause = if waits { PAUSE } else { Duration::ZERO };
            if let Some(task) = self.aside.fetch(pause) {
                return Work::Fetch(task);
            }
        }
        let at = now.unwrap_or_else(|| self.engine.now());
        let Some(sealed) = sealed.or_else(|| self.health.proof(at)) else {
            return self.follow(last);
        };
        let copy = (self.aside.is_there() && sealed.can_wait).then(|| sealed.draft.clone());
        let besides = Besides { clock: sealed.clock, copy, portion: None };
        self.commit(sealed, last, besides)
    }

    pub fn commit(&self, mut sealed: Sealed, last: Offset, besides: Besides) -> Work {
        sealed.draft.known = last;
        if sealed.events() > 0 {
            meters::sealed(sealed.events());
        }
        let waiting = std::mem::take(&mut sealed.waiting);
        let task = tokio::spawn(commit(Arc::clone(&self.store), sealed, last));
        Work::Commit { task, waiting, besides: Box::new(besides) }
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
        besides: &Besides,
        gathered: &mut Gathered,
    ) -> Work {
        let Done { before, committed, found } = done;
        let now = Instant::now();
        self.aside.nothing_hangs();
        self.absence.over(now, self.aside.held());
        if let Some(portion) = &besides.portion {
            self.directory.settle(&portion.units, &committed.units);
            self.aside.took(portion);
            self.absence.brought(now, portion.items);
            self.absence.look(now, self.aside.held());
        } else if !committed.events.is_empty() {
            self.aside.store_works();
        }
        self.health.committed(now, self.aside.held().items == 0);
        if let Some(to) = besides.clock {
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
    /// known nothing is accepted, unless it can be kept aside; not what the store
    /// itself refuses, for so it would the next time.
    fn give_up(&mut self, waiting: Vec<Waiting>, besides: Besides, why: &Why) -> Work {
        self.sure = false;
        self.pause = Duration::ZERO;
        self.health.failed(why.may_pass());
        // Where nobody handed it in, the fault is not in it.
        let away = why.may_pass() || waiting.is_empty() && besides.portion.is_none();
        let (number, refused) = self.refusal("committing a batch", why, away);
        match besides {
            Besides { copy: Some(draft), .. } if why.may_pass() => self.keep_first(draft, waiting),
            Besides { portion: Some(portion), .. } if !why.may_pass() => {
                self.aside.refused(portion);
            }
            _ => {
                self.aside.nothing_hangs();
                let acts = refuse_all(waiting, &refused);
                if away {
                    Absence::refused(&number, acts);
                }
            }
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
                self.health.failed(why.may_pass());
                let keeps = self.aside.is_there() && self.health.is_away();
                let of = if keeps { Of::Impatient } else { Of::All };
                let (number, refused) = self.refusal("reading on after a failure", &why, true);
                Absence::refused(&number, gathered.refuse(of, &refused));
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
                Event::EraseTexts(erasure) => self.behind.erase_texts(*erasure),
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
            if let (Event::Position(fix), Some(doubt)) = (event, self.engine.doubt()) {
                self.devices.doubted(fix, doubt);
            }
        }
        if events.iter().any(|event| matches!(event, Event::Rules(_))) {
            readying::let_go(&mut self.engine);
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
        if self.health.is_silent(beat) && !self.absence.lasts() {
            self.absence.goes_on(beat, &"it has not answered for 5 s", self.fate());
        }
        self.absence.remind(beat, self.aside.held(), self.fate());
        let stored_ago = self.health.age(beat);
        let free = inbox.room.available_permits();
        meters::spool(self.aside.held());
        meters::standing(ROOM.saturating_sub(free), self.offset, compacted, stored_ago);
        let warning = self.clock.warning(self.engine.now());
        self.warn(warning);
        let Some(now) = self.clock.now() else { return };
        self.due = !self.clock.is_driven() && self.engine.next_due().is_some_and(|due| due <= now);
        let day_start = stats::day_start(now, &self.scope.zone);
        self.engine.begin_day(day_start);
        let figures = self.engine.figures(now, day_start, self.scope.level);
        let clock_doubted = warning.is_some();
        let moment = stats::Moment { now, day_start, stored_ago, clock_doubted };
        self.hub.publish_stats(&stats::frame(moment, self.engine.rules(), figures));
    }

    /// Says once that the log ends in the future; of a doubt the clock itself tells.
    fn warn(&mut self, warning: Option<Warning>) {
        meters::clock(warning.is_some());
        match warning {
            Some(log_ahead @ Warning::LogAhead { .. }) => {
                if self.warned.replace(log_ahead).is_none() {
                    tracing::error!("{log_ahead}");
                }
            }
            Some(Warning::Doubt(_)) => {}
            None => self.warned = None,
        }
    }

    /// What becomes of what comes in while the store is away.
    const fn fate(&self) -> &'static str {
        if self.health.is_failing() && !self.health.is_away() {
            "what comes is refused"
        } else {
            self.aside.room().fate()
        }
    }

    /// Logs a failure of the store, unless it is said already that it is away; its
    /// number, and what goes out of it.
    fn refusal(&mut self, deed: &'static str, why: &Why, away: bool) -> (String, Refused) {
        let number = if away {
            meters::failed();
            self.absence.goes_on(Instant::now(), why, self.fate())
        } else {
            failed(deed, why)
        };
        let refused = match why {
            Why::Store(StoreError::Full { .. }) => Refused::DiskFull(number.clone()),
            _ => Refused::StoreFailed(number.clone()),
        };
        (number, refused)
    }
}

/// Logs a failure under a number.
pub(super) fn failed(deed: &'static str, why: &dyn Display) -> String {
    let failure = Uuid::now_v7().to_string();
    tracing::error!(failure, error = %why, "{deed}");
    meters::failed();
    failure
}
