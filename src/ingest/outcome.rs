//! What a sender is answered.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Offset;
use crate::pipeline::{Receipt, Verdict, Verdicts};

use super::read::Flaw;

/// Why one item was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// Its place in the body, from 0.
    pub index: u32,
    /// The field at fault; none if it is the item as a whole.
    #[schema(required, value_type = Option<String>)]
    pub field: Option<Cow<'static, str>>,
    /// What is wrong with it.
    #[schema(value_type = String)]
    pub reason: Cow<'static, str>,
}

/// An item and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Numbered {
    /// Its place in the body, from 0.
    pub index: u32,
    /// Our number for it.
    pub id: u64,
}

/// An item that was there already, and its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Duplicate {
    /// Its place in the body, from 0.
    pub index: u32,
    /// Our number for it.
    pub id: u64,
    /// The fields in which it is another than the one that is stored, which stays as it
    /// is; not there if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<String>>)]
    pub differs: Vec<&'static str>,
}

/// What a sender is answered: what came of each item, or that they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// They are in the log.
    Stored(T),
    /// The store is away.
    Kept(Kept),
}

/// What was taken while the store is away: it is on this machine's own disk, and goes
/// into the log when the store is back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Kept {
    /// How many are kept; which of them are duplicates is found later.
    pub kept: usize,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

/// What came of incidents or units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Outcome {
    /// Where it stands in the log; none if nothing was handed in.
    #[schema(required, value_type = Option<u64>)]
    pub offset: Option<Offset>,
    /// What is new (a unit: new, or known otherwise than before).
    pub accepted: Vec<Numbered>,
    /// What was there already.
    pub duplicates: Vec<Duplicate>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

/// What came of positions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FixOutcome {
    /// Where they stand in the log; none if nothing was handed in.
    #[schema(required, value_type = Option<u64>)]
    pub offset: Option<Offset>,
    /// How many are new.
    pub accepted: usize,
    /// The places in the body, from 0, of those that were there already.
    pub duplicates: Vec<u32>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

impl<T> Answer<T> {
    /// From what was refused at the door and the receipt for the rest, whose items
    /// stood at `indexes` of the body; `stored` tells what came of those in the log.
    pub(super) fn new(
        refused: Vec<Refusal>,
        indexes: &[u32],
        receipt: Option<Receipt>,
        stored: impl FnOnce(Vec<Refusal>, &[u32], Option<Receipt>) -> T,
    ) -> Self {
        match receipt {
            Some(Receipt { verdicts: Verdicts::Kept, .. }) => {
                Self::Kept(Kept { kept: indexes.len(), refused })
            }
            receipt => Self::Stored(stored(refused, indexes, receipt)),
        }
    }
}

impl Outcome {
    /// From what was refused at the door and the receipt for the rest, whose
    /// items stood at `indexes` of the body.
    pub(super) fn new(refused: Vec<Refusal>, indexes: &[u32], receipt: Option<Receipt>) -> Self {
        let mut outcome = Self { refused, ..Self::default() };
        let Some(Receipt { offset, verdicts }) = receipt else { return outcome };
        outcome.offset = Some(offset);
        let Verdicts::Each(verdicts) = verdicts else { return outcome };
        for (&index, verdict) in indexes.iter().zip(verdicts) {
            let id = verdict.number();
            let differs = match verdict {
                Verdict::Accepted(_) => {
                    outcome.accepted.push(Numbered { index, id });
                    continue;
                }
                Verdict::Taken(_) => {
                    outcome.refused.push(Flaw::of("code", "taken").at(index));
                    continue;
                }
                Verdict::Duplicate(_) => Vec::new(),
                Verdict::Differs(_, differences) => differences.fields().collect(),
            };
            outcome.duplicates.push(Duplicate { index, id, differs });
        }
        outcome.refused.sort_by_key(|refusal| refusal.index);
        outcome
    }
}

impl FixOutcome {
    /// From what was refused at the door and the receipt for the rest, whose
    /// items stood at `indexes` of the body.
    pub(super) fn new(refused: Vec<Refusal>, indexes: &[u32], receipt: Option<Receipt>) -> Self {
        let mut outcome = Self { refused, ..Self::default() };
        let Some(Receipt { offset, verdicts }) = receipt else { return outcome };
        outcome.offset = Some(offset);
        if let Verdicts::Duplicates(known) = verdicts {
            let place = |at: u32| indexes.get(usize::try_from(at).ok()?).copied();
            outcome.duplicates = known.into_iter().filter_map(place).collect();
        }
        outcome.accepted = indexes.len() - outcome.duplicates.len();
        outcome
    }
}
