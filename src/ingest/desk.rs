//! Where all doors hand in what they were brought.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::access::{Land, Reach, Viewer};
use crate::atlas::Atlas;
use crate::config::Limits;
use crate::domain::{Catalogue, NewUnit, Time};
use crate::pipeline::devices::SenderName;
use crate::pipeline::{Inlet, Receipt, Refused, Submission};
use crate::store::{Entry, Owner, Transfer};

use super::error::IngestError;
use super::field::Text;
use super::format::{Format, split};
use super::incident::incident;
use super::outcome::{Answer, FixOutcome, Kept, Outcome, Refusal};
use super::position::position;
use super::rate::Rate;
use super::read::Flaw;
use super::unit::unit;

/// Items read at a stretch, a millisecond or two; then others may have a turn.
const STRETCH: usize = 2_000;

/// Reads, checks, hands in, and answers.
pub struct Desk {
    catalogue: Arc<Catalogue>,
    atlas: Arc<Atlas>,
    land: Arc<dyn Land>,
    inlet: Inlet,
    limits: Limits,
    rate: Rate,
    sockets: Arc<Semaphore>,
    seated: TaskTracker,
}

/// A seat for a socket, to be kept while it is open.
#[derive(Debug)]
pub struct Seat {
    _one_of: OwnedSemaphorePermit,
    _counted: TaskTrackerToken,
}

/// Who hands in.
#[derive(Clone, Debug)]
pub struct Sender {
    /// From which address.
    pub address: IpAddr,
    /// Who: of an agency, it hands in for units of its own jurisdiction alone.
    pub viewer: Arc<Viewer>,
    /// What the audit log is to say of it: a person's deed is an entry, a device's
    /// is in the log itself.
    pub entry: Option<Entry>,
}

/// What of a refused fix may still be read.
#[derive(serde::Deserialize)]
struct Whose<'a> {
    #[serde(borrow)]
    unit: Text<'a>,
}

/// What came of a body at the door.
struct Checked<T> {
    /// What is handed in,
    good: Vec<T>,
    /// where each of it stood in the body,
    indexes: Vec<u32>,
    /// and what is not.
    refused: Vec<Refusal>,
}

impl Desk {
    /// A desk of a region, before a pipeline.
    #[must_use]
    pub fn new(
        catalogue: Arc<Catalogue>,
        atlas: Arc<Atlas>,
        land: Arc<dyn Land>,
        inlet: Inlet,
        limits: Limits,
    ) -> Self {
        let sockets = Semaphore::new(limits.ingest_sockets.min(Semaphore::MAX_PERMITS));
        let (rate, sockets) = (Rate::new(&limits), Arc::new(sockets));
        let seated = TaskTracker::new();
        Self { catalogue, atlas, land, inlet, limits, rate, sockets, seated }
    }

    /// A seat for one more socket; none if all are taken.
    #[must_use]
    pub fn seat(&self) -> Option<Seat> {
        let one_of = Arc::clone(&self.sockets).try_acquire_owned().ok()?;
        Some(Seat { _one_of: one_of, _counted: self.seated.token() })
    }

    /// Waits, once the service stops, until every socket has been told so.
    pub async fn finished(&self) {
        self.seated.close();
        self.seated.wait().await;
    }

    /// The bounds it keeps.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes reports.
    ///
    /// # Errors
    /// When the body is refused as a whole; sending it again is safe.
    pub async fn incidents(
        &self,
        from: &Sender,
        body: &[u8],
        format: Format,
    ) -> Result<Answer<Outcome>, IngestError> {
        let items = self.items(from.address, body, format)?;
        let now = self.now()?;
        let Checked { good, indexes, refused } =
            checked(&items, || |text| incident(text, &self.catalogue, now)).await;
        self.note(from, &items, &refused, false);
        let owner = Owner(from.viewer.agency());
        let named = |good| Submission::Incidents(owner, good);
        let receipt = self.send(good, named, from).await?;
        let answer = Answer::new(refused, &indexes, receipt, Outcome::new);
        count("incidents", &answer, |outcome| {
            [outcome.accepted.len(), outcome.duplicates.len(), outcome.refused.len()]
        });
        Ok(answer)
    }

    /// Takes fixes of registered units.
    ///
    /// # Errors
    /// When the body is refused as a whole; sending it again is safe.
    pub async fn positions(
        &self,
        from: &Sender,
        body: &[u8],
        format: Format,
    ) -> Result<Answer<FixOutcome>, IngestError> {
        let items = self.items(from.address, body, format)?;
        let now = self.now()?;
        let Checked { good, indexes, refused } = checked(&items, || {
            let (units, reach) = (self.inlet.directory().open(), self.reach(from));
            let own = move |code: &str| {
                units.find(code).filter(|(_, agency)| reach.holds(*agency)).map(|(id, _)| id)
            };
            move |text| position(text, &own, now)
        })
        .await;
        self.note(from, &items, &refused, true);
        let receipt = self.send(good, Submission::Positions, from).await?;
        let answer = Answer::new(refused, &indexes, receipt, FixOutcome::new);
        count("positions", &answer, |outcome| {
            [outcome.accepted, outcome.duplicates.len(), outcome.refused.len()]
        });
        Ok(answer)
    }

    /// Takes registrations; a known code gets other particulars.
    ///
    /// # Errors
    /// When the body is refused as a whole; sending it again is safe.
    pub async fn units(
        &self,
        from: &Sender,
        body: &[u8],
        format: Format,
    ) -> Result<Answer<Outcome>, IngestError> {
        let items = self.items(from.address, body, format)?;
        let Checked { good, indexes, refused } =
            checked(&items, || |text| self.own_unit(text, from)).await;
        self.note(from, &items, &refused, false);
        let registered = |good: Vec<(NewUnit, Option<Transfer>)>| {
            let (units, transfers): (_, Vec<_>) = good.into_iter().unzip();
            Submission::Units(units, transfers.into_iter().flatten().collect())
        };
        let receipt = self.send(good, registered, from).await?;
        let answer = Answer::new(refused, &indexes, receipt, Outcome::new);
        count("units", &answer, |outcome| {
            [outcome.accepted.len(), outcome.duplicates.len(), outcome.refused.len()]
        });
        Ok(answer)
    }

    fn items<'a>(
        &self,
        from: IpAddr,
        body: &'a [u8],
        format: Format,
    ) -> Result<Vec<&'a [u8]>, IngestError> {
        let items = split(body, format, self.limits.batch_items)?;
        self.rate.check(from, items.len())?;
        Ok(items)
    }

    fn reach(&self, from: &Sender) -> Reach<'_> {
        Reach::of(&from.viewer, &*self.land)
    }

    /// Reads a registration of a unit that is the sender's to register, and whether it
    /// goes from one agency to another. That nobody else has taken it meanwhile is seen
    /// to where it is stored.
    fn own_unit(&self, text: &[u8], from: &Sender) -> Result<(NewUnit, Option<Transfer>), Flaw> {
        let known = |code: &str| self.inlet.directory().open().holds(code);
        let new = unit(text, &self.atlas, known)?;
        let reach = self.reach(from);
        if !reach.holds(new.agency) {
            return Err(Flaw::of("agency", "not within your own jurisdiction"));
        }
        let known = self.inlet.directory().open().find(&new.code);
        if known.is_some_and(|(_, agency)| !reach.holds(agency)) {
            return Err(Flaw::of("code", "taken"));
        }
        let given = known.filter(|(_, agency)| *agency != new.agency).map(|(_, agency)| Transfer {
            code: Arc::clone(&new.code),
            from: agency,
            to: new.agency,
        });
        Ok((new, given))
    }

    /// Notes what was refused, for who looks after devices.
    fn note(&self, from: &Sender, items: &[&[u8]], refused: &[Refusal], fixes: bool) {
        if refused.is_empty() {
            return;
        }
        let sender: SenderName = match &*from.viewer {
            Viewer::Open => ("".into(), None),
            Viewer::Person(person) => (Arc::clone(&person.name), Some(person.agency)),
            Viewer::Device(device) => (Arc::clone(&device.name), Some(device.agency)),
        };
        let reach = self.reach(from);
        let page = self.inlet.directory().open();
        for Refusal { index, field, reason } in refused {
            let item = items.get(*index as usize).filter(|_| fixes);
            let code = item.and_then(|item| serde_json::from_slice::<Whose<'_>>(item).ok());
            let unit = code.and_then(|code| page.find(&code.unit.0));
            let unit = unit.filter(|(_, agency)| reach.holds(*agency)).map(|(id, _)| id);
            let (field, reason) = (field.clone(), reason.clone());
            self.inlet.devices().refused(&sender, unit, field, reason);
        }
    }

    /// The latest time that it can be: nothing that comes is of a later one.
    fn now(&self) -> Result<Time, IngestError> {
        Ok(self.inlet.face().ok_or(Refused::ClockUnset)?.latest)
    }

    /// Hands in what is good, if anything is; the inlet cuts it into batches.
    async fn send<T>(
        &self,
        good: Vec<T>,
        submission: impl FnOnce(Vec<T>) -> Submission,
        from: &Sender,
    ) -> Result<Option<Receipt>, IngestError> {
        if good.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.inlet.send_told(submission(good), from.entry.clone()).await?))
    }
}

/// Reads the items in stretches, each with a reader of its own.
async fn checked<'a, T, R>(items: &[&'a [u8]], begin: impl Fn() -> R) -> Checked<T>
where
    R: Fn(&'a [u8]) -> Result<T, Flaw>,
{
    let mut good = Vec::with_capacity(items.len());
    let mut indexes = Vec::with_capacity(items.len());
    let mut refused = Vec::new();
    let mut index = 0;
    for (at, stretch) in items.chunks(STRETCH).enumerate() {
        if at > 0 {
            tokio::task::yield_now().await;
        }
        let read = begin();
        for text in stretch {
            match read(text) {
                Ok(item) => {
                    good.push(item);
                    indexes.push(index);
                }
                Err(flaw) => refused.push(flaw.at(index)),
            }
            index += 1;
        }
    }
    Checked { good, indexes, refused }
}

/// Counts what came of a body; `stored` tells of what is in the log how much is
/// accepted, duplicate and refused.
fn count<T>(kind: &'static str, answer: &Answer<T>, stored: impl FnOnce(&T) -> [usize; 3]) {
    let ([accepted, duplicate, refused], kept) = match answer {
        Answer::Stored(outcome) => (stored(outcome), 0),
        Answer::Kept(Kept { kept, refused }) => ([0, 0, refused.len()], *kept),
    };
    let verdicts =
        [("accepted", accepted), ("duplicate", duplicate), ("refused", refused), ("kept", kept)];
    for (verdict, items) in verdicts {
        let counter =
            metrics::counter!("pilin_ingest_items_total", "kind" => kind, "verdict" => verdict);
        counter.increment(items as u64);
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("limits", &self.limits).finish_non_exhaustive()
    }
}
