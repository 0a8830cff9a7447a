//! A submission on its way, and who waits for it.

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use crate::domain::Offset;
use crate::store::{Committed, Entry, Since};

use super::submission::{Receipt, Refused, Submission, Verdicts};

/// A submission, and where its answer goes.
#[derive(Debug)]
pub struct Parcel {
    /// What is to be made durable.
    pub submission: Submission,
    /// What the audit log is to say of it.
    pub entry: Option<Entry>,
    /// What must not have happened for it to be done.
    pub since: Option<Since>,
    /// Who waits for it.
    pub sender: Sender,
}

/// Who waits for an answer. Holds the submission's room in the queue until then.
#[derive(Debug)]
pub struct Sender {
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Receipt, Refused>>,
    /// Since when.
    pub since: Instant,
    /// Its room in the queue, given back when this is dropped.
    pub _room: OwnedSemaphorePermit,
    /// The turn of rules to be made ready, given back likewise.
    pub turn: Option<OwnedSemaphorePermit>,
}

impl Sender {
    /// Answers.
    pub fn tell(self, answer: Result<Receipt, Refused>) {
        // Who has gone away meanwhile asks again and finds duplicates.
        let _gone = self.answer.send(answer);
    }
}

/// A sender whose submission is part of a batch.
#[derive(Debug)]
pub struct Waiting {
    sender: Sender,
    part: Part,
}

/// Which part of a batch a submission is.
#[derive(Clone, Debug)]
pub enum Part {
    /// So many of the draft's incidents.
    Incidents(usize),
    /// So many of its units.
    Units(usize),
    /// So many fixes; these of them, ascending, were there already.
    Positions(u32, Vec<u32>),
    /// Anything else.
    Other,
}

impl Waiting {
    /// Whose submission is that part of a batch.
    pub const fn new(sender: Sender, part: Part) -> Self {
        Self { sender, part }
    }

    /// It could not be committed.
    pub fn refuse(self, why: Refused) {
        self.sender.tell(Err(why));
    }

    /// It is kept aside; the log ends at `offset`.
    pub fn kept(self, offset: Offset) {
        self.sender.tell(Ok(Receipt { offset, verdicts: Verdicts::Kept }));
    }
}

/// Refuses all who wait; how many of them could not have waited longer.
pub fn refuse_all(waiting: Vec<Waiting>, why: &Refused) -> usize {
    let acts = waiting.iter().filter(|waiting| matches!(waiting.part, Part::Other)).count();
    for sender in waiting {
        sender.refuse(why.clone());
    }
    acts
}

/// Takes out of those who wait the fixes that were there already after all, by
/// their places, ascending, among the events of the batch.
pub fn take_out(waiting: &mut [Waiting], places: &[usize]) {
    let mut places = places.iter().copied().peekable();
    let mut first = 0;
    for Waiting { part, .. } in waiting {
        match part {
            Part::Positions(many, duplicates) => {
                let (mut all, mut place) = (Vec::new(), first);
                for index in 0..*many {
                    let known = duplicates.binary_search(&index).is_ok();
                    if known || places.next_if_eq(&place).is_some() {
                        all.push(index);
                    }
                    place += usize::from(!known);
                }
                first = place;
                *duplicates = all;
            }
            Part::Other => first += 1,
            Part::Incidents(_) | Part::Units(_) => {}
        }
    }
}

/// Tells all who wait what came of their part of a batch; how long the one who
/// waited longest had to.
pub fn tell_all(waiting: Vec<Waiting>, offset: Offset, done: &Committed) -> Duration {
    let (mut units, mut incidents) = (done.units.iter(), done.incidents.iter());
    let mut longest = Duration::ZERO;
    for Waiting { sender, part } in waiting {
        let verdicts = match part {
            Part::Incidents(many) => {
                Verdicts::Each(incidents.by_ref().take(many).copied().collect())
            }
            Part::Units(many) => Verdicts::Each(units.by_ref().take(many).copied().collect()),
            Part::Positions(_, duplicates) => Verdicts::Duplicates(duplicates),
            Part::Other if done.overtaken => Verdicts::Overtaken,
            Part::Other => Verdicts::Done,
        };
        longest = longest.max(sender.since.elapsed());
        sender.tell(Ok(Receipt { offset, verdicts }));
    }
    longest
}
