//! What is kept aside, on this machine's own disk, while the store is away.
//!
//! Once there is something, order wants that what comes after it goes there too. So
//! while it is brought into the store the two take turns, and when little is left
//! what comes waits for that, and then goes straight.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use uuid::Uuid;

use crate::domain::NewUnit;
use crate::spool::{Record, Spool, SpoolError};
use crate::store::Spooled;

use super::gather::EVENTS;
use super::meters;
use super::parcel::Waiting;
use super::portion::Portion;
use super::trust::Trust;

/// With no more items than this left, what comes waits for them: some tenths of a
/// second.
const LITTLE: u64 = 2 * EVENTS as u64;

/// Batches that go into the store for each that is kept meanwhile, so that what is
/// left grows less.
const TURNS: u8 = 2;

/// What was read of the spool.
#[derive(Debug)]
pub struct Fetched {
    /// Its oldest records that the store has not, each with its number.
    pub found: Vec<(u64, Record)>,
    /// Its newest record,
    newest: u64,
    /// and the bytes of all there are.
    bytes: u64,
    /// What became of one that the store will not have.
    put_by: Option<(u64, Record, Result<(), SpoolError>)>,
}

/// The spool, as the task that owns the engine sees it.
#[derive(Debug, Default)]
pub struct Aside {
    spool: Option<Arc<Mutex<Spool>>>,
    id: Uuid,
    /// The newest record,
    newest: u64,
    /// and up to which the store has them.
    taken: u64,
    /// Whether what the store has may still be here.
    untidy: bool,
    held: Held,
    /// To be kept, in turn.
    queue: VecDeque<Task>,
    keeping: Option<Keeping>,
    /// The place of a batch whose fate is not known yet, before what was kept since.
    place: Option<u64>,
    /// Whether there is such a batch.
    hangs: bool,
    room: Room,
    /// So many batches more go into the store before one is kept.
    turns: u8,
    trust: Trust,
    /// Whether no more of it is brought in: the service stops.
    shut: bool,
}

/// Whether there is room for what comes while the store is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// As far as is known.
    Some,
    /// The spool, or its disk, is full.
    Full,
    /// The spool cannot be written to.
    Broken,
    /// There is no spool.
    #[default]
    None,
}

impl Room {
    /// What becomes of what comes in meanwhile.
    pub(super) const fn fate(self) -> &'static str {
        match self {
            Self::Some => "what comes and can wait is kept in the spool",
            Self::Full => "the spool is full, and what comes is refused",
            Self::Broken => "the spool cannot be written to, and what comes is refused",
            Self::None => "there is no spool, and what comes is refused",
        }
    }
}

/// What the spool holds that the store has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many things.
    pub items: u64,
    /// The bytes it takes, of what the store has let go a file at a time.
    pub bytes: u64,
}

/// Something to be kept.
#[derive(Debug)]
struct Task {
    record: Record,
    waiting: Vec<Waiting>,
    /// Whether it is of the batch that hung, and goes into its place.
    first: bool,
}

#[derive(Debug)]
struct Keeping {
    task: JoinHandle<Wrote>,
    waiting: Vec<Waiting>,
    units: Vec<NewUnit>,
    items: u64,
    first: bool,
}

/// What came of writing to the spool.
#[derive(Debug)]
struct Wrote {
    number: Result<u64, SpoolError>,
    /// The bytes it takes now.
    bytes: u64,
    /// The place that was kept free before.
    place: Option<u64>,
}

/// What came of keeping something.
#[derive(Debug)]
pub struct Kept {
    /// Why it did not come about.
    pub failure: Option<SpoolError>,
    /// Who waits.
    pub waiting: Vec<Waiting>,
    /// The units registered in it.
    pub units: Vec<NewUnit>,
}

impl Aside {
    /// Of a spool of which the store has all up to a number, and so many items more.
    pub fn new(spool: Spool, taken: u64, items: u64) -> Self {
        let (id, newest) = (spool.id(), spool.newest());
        let held = Held { items, bytes: spool.bytes() };
        let spool = Some(Arc::new(Mutex::new(spool)));
        let room = Room::Some;
        Self { spool, id, newest, taken, untidy: true, held, room, ..Self::default() }
    }

    /// Whether anything can be kept aside.
    pub const fn is_there(&self) -> bool {
        self.spool.is_some()
    }

    /// Whether there is room for what comes.
    pub const fn room(&self) -> Room {
        self.room
    }

    /// Whether there is nothing in it, nor on its way.
    pub fn is_empty(&self) -> bool {
        !self.untidy && self.is_idle()
    }

    /// Whether nothing is being kept.
    pub fn is_idle(&self) -> bool {
        self.keeping.is_none() && self.queue.is_empty()
    }

    /// What it holds.
    pub const fn held(&self) -> Held {
        self.held
    }

    /// What the store is told of a portion.
    pub fn spooled(&self, portion: &mut Portion) -> Spooled {
        let entries = std::mem::take(&mut portion.entries);
        Spooled { note: note_of(self.id), upto: portion.upto, entries }
    }

    /// Whether what comes next goes here: while the store is `away` or does not take
    /// what is here, and after that while there is more than a little left.
    pub fn is_next(&self, away: bool) -> bool {
        let now = away || !matches!(self.trust, Trust::Full);
        self.is_there() && self.is_idle() && (now || self.held.items > LITTLE && self.turns == 0)
    }

    /// Keeps a record; see [`Aside::kept`]. If a batch `hangs` that came before it, a
    /// place is kept free for that.
    pub fn keep(&mut self, record: Record, waiting: Vec<Waiting>, hangs: bool) {
        self.hangs |= hangs;
        self.queue.push_back(Task { record, waiting, first: false });
        self.go_on();
    }

    /// Keeps the record of a batch that failed, before what was kept while it hung.
    pub fn keep_first(&mut self, record: Record, waiting: Vec<Waiting>) {
        self.hangs = false;
        self.queue.push_front(Task { record, waiting, first: true });
        self.go_on();
    }

    /// The batch that may have hung stands in the log, or is not to be kept.
    pub const fn nothing_hangs(&mut self) {
        (self.hangs, self.place) = (false, None);
    }

    fn go_on(&mut self) {
        let Some(spool) = self.spool.as_ref().filter(|_| self.keeping.is_none()) else { return };
        let Some(Task { record, waiting, first }) = self.queue.pop_front() else { return };
        self.turns = TURNS;
        let (units, items) = (record.units.clone(), items(&record));
        let spool = Arc::clone(spool);
        let taken_place = self.place.take_if(|_| first);
        let wants_place = self.hangs && self.place.is_none();
        let task = spawn_blocking(move || {
            let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
            let place = wants_place.then(|| spool.keep_free());
            let number = match taken_place {
                Some(number) => spool.keep_as(number, &record).map(|()| number),
                None => spool.keep(&record),
            };
            Wrote { number, bytes: spool.bytes(), place }
        });
        self.keeping = Some(Keeping { task, waiting, units, items, first });
    }

    /// What came of keeping something; pending while nothing is being kept.
    pub async fn kept(&mut self) -> Kept {
        let Some(keeping) = &mut self.keeping else { return std::future::pending().await };
        let done = (&mut keeping.task).await;
        let waits_for_place = self.hangs || self.queue.iter().any(|task| task.first);
        let done = done.map(|Wrote { number, bytes, place }| {
            self.place = self.place.or(place).filter(|_| waits_for_place);
            (number, bytes)
        });
        let failure = match done {
            Ok((Ok(number), bytes)) => {
                self.newest = self.newest.max(number);
                self.untidy = true;
                self.held.bytes = bytes;
                self.held.items += keeping.items;
                meters::kept(keeping.items);
                None
            }
            Ok((Err(why), _)) => Some(why),
            Err(why) => Some(SpoolError::Broken(why.to_string())),
        };
        self.room = match &failure {
            None => Room::Some,
            Some(why) if why.is_full() => Room::Full,
            Some(_) => Room::Broken,
        };
        let (waiting, units) =
            (std::mem::take(&mut keeping.waiting), std::mem::take(&mut keeping.units));
        self.keeping = None;
        self.go_on();
        Kept { failure, waiting, units }
    }

    /// Whether what goes before all that is in it is still on its way there.
    fn awaits_first(&self) -> bool {
        self.keeping.as_ref().is_some_and(|keeping| keeping.first)
            || self.queue.iter().any(|task| task.first)
    }

    /// Begins to read the oldest records that the store has not, after a pause, and
    /// lets go of those that it has; none if the spool is empty, or what goes before
    /// all that is there is being kept.
    pub fn fetch(&mut self, pause: Duration) -> Option<JoinHandle<Result<Fetched, JoinError>>> {
        let may = self.untidy && !self.shut && !self.awaits_first();
        let spool = self.spool.as_ref().filter(|_| may)?;
        let (spool, most) = (Arc::clone(spool), self.trust.items());
        let refused = self.trust.sentence();
        let mut taken = self.taken;
        Some(tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let read = spawn_blocking(move || {
                let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
                let put_by = refused.map(|(number, record)| {
                    let done = spool.put_by(number, &record).map(drop);
                    if done.is_ok() {
                        taken = number;
                    }
                    (number, record, done)
                });
                let stuck = put_by.as_ref().is_some_and(|(.., done)| done.is_err());
                let found = if stuck { Vec::new() } else { spool.after(taken, most) };
                Fetched { found, newest: spool.newest(), bytes: spool.bytes(), put_by }
            });
            read.await
        }))
    }

    /// Whether what is left is to wait for the next start.
    pub const fn shut(&mut self, shut: bool) {
        self.shut = shut;
    }

    /// The store refused a portion, though it can be reached.
    pub fn refused(&mut self, portion: Portion) {
        self.trust.refused(portion);
    }

    /// The store has taken something that is not of the spool.
    pub fn store_works(&mut self) {
        self.trust.store_works();
    }

    /// Whether it is to be found out first whether the store takes anything.
    pub const fn waits_for_proof(&self) -> bool {
        matches!(self.trust, Trust::Suspect(..))
    }

    /// This was read; of it, what is known to be kept.
    ///
    /// # Errors
    /// When a record that the store will not have could not be put by: it stays, and so
    /// does all that comes after it, until it can be.
    pub fn fetched(&mut self, fetched: Fetched) -> Result<Vec<(u64, Record)>, SpoolError> {
        let Fetched { mut found, newest, bytes, put_by } = fetched;
        self.held.bytes = bytes;
        match put_by {
            Some((number, record, Err(why))) => {
                self.trust = Trust::Guilty(number, record);
                return Err(why);
            }
            Some((number, record, Ok(()))) => {
                self.taken = number;
                self.held.items = self.held.items.saturating_sub(items(&record));
                tracing::error!(
                    number,
                    "the store does not take a record of the spool, which is put by as \
                     {number:020}.refused.json"
                );
            }
            None => {}
        }
        if found.is_empty() {
            // What is not found is not there, or cannot be read.
            self.taken = self.taken.max(newest);
        }
        self.untidy = !found.is_empty() || self.taken < self.newest;
        if !self.untidy {
            self.held.items = 0;
        }
        found.retain(|(number, _)| *number <= self.newest);
        Ok(found)
    }

    /// Whether a record waits to be put by, and all others for that.
    pub const fn is_stuck(&self) -> bool {
        matches!(self.trust, Trust::Guilty(..))
    }

    /// The store has a portion.
    pub fn took(&mut self, portion: &Portion) {
        self.taken = portion.upto;
        self.held.items = self.held.items.saturating_sub(portion.items);
        self.room = Room::Some;
        self.trust = Trust::Full;
        self.turns = self.turns.saturating_sub(1);
        meters::brought(portion.items);
    }
}

/// The note under which a store says up to where it has a spool.
pub fn note_of(spool: Uuid) -> String {
    format!("spool {spool}")
}

fn items(record: &Record) -> u64 {
    record.items() as u64
}
