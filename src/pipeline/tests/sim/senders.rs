//! What devices send, until it is acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use tokio::task::JoinHandle;

use super::super::world::{START, fix, report};
use crate::domain::{NewIncident, Position, Time, UnitId};
use crate::pipeline::{Inlet, Receipt, Refused, Submission, Verdict, Verdicts};

/// Units that tell where they are.
pub const UNITS: u32 = 3;

/// Something sent together: sent again, as it is, until it is acknowledged, and now
/// and then even after that.
#[derive(Clone, Debug)]
enum Parcel {
    Reports(Vec<NewIncident>),
    Fixes(Vec<Position>),
}

type Answer = JoinHandle<Result<Receipt, Refused>>;

#[derive(Debug, Default)]
pub struct Senders {
    parcels: Vec<Parcel>,
    acknowledged: BTreeSet<usize>,
    under_way: Vec<(usize, Answer)>,
    reports: u32,
    /// The number that each report was told.
    pub numbers: BTreeMap<u32, u64>,
    /// What was told to be new.
    pub fresh: BTreeSet<String>,
}

impl Senders {
    /// Sends something to a server: new, or again.
    pub fn send(&mut self, draw: &mut Pcg64Mcg, to: &Inlet, now: Time) {
        let which = if self.parcels.is_empty() || draw.random_bool(0.5) {
            let parcel = self.make(draw, now);
            self.parcels.push(parcel);
            self.parcels.len() - 1
        } else {
            // Mostly of late, so that it overtakes and is overtaken.
            let back = draw.random_range(0..self.parcels.len().min(40));
            self.parcels.len() - 1 - back
        };
        self.dispatch(which, to);
    }

    /// Sends once more what was not acknowledged; whether there is any.
    pub fn insist(&mut self, to: &Inlet) -> bool {
        let busy: BTreeSet<_> = self.under_way.iter().map(|(which, _)| *which).collect();
        let open = (0..self.parcels.len()).filter(|which| !self.acknowledged.contains(which));
        let open: Vec<_> = open.collect();
        for which in open.iter().filter(|which| !busy.contains(which)) {
            self.dispatch(*which, to);
        }
        !open.is_empty()
    }

    /// Hears the answers that have come.
    pub async fn hear(&mut self) {
        let (done, open) =
            std::mem::take(&mut self.under_way).into_iter().partition(|(_, one)| one.is_finished());
        self.under_way = open;
        let done: Vec<(usize, Answer)> = done;
        for (which, answer) in done {
            if let Ok(receipt) = answer.await.unwrap() {
                self.acknowledged.insert(which);
                self.note(which, &receipt);
            }
        }
    }

    /// The names of all that was sent.
    pub fn names(&self) -> BTreeSet<String> {
        let of = |parcel: &Parcel| match parcel {
            Parcel::Reports(all) => all.iter().map(|one| one.external_id.to_string()).collect(),
            Parcel::Fixes(all) => all.iter().map(name_of).collect::<Vec<_>>(),
        };
        self.parcels.iter().flat_map(of).collect()
    }

    fn dispatch(&mut self, which: usize, to: &Inlet) {
        let submission = match self.parcels[which].clone() {
            Parcel::Reports(all) => Submission::incidents(all),
            Parcel::Fixes(all) => Submission::Positions(all),
        };
        let to = to.clone();
        let answer = tokio::spawn(async move { to.send(submission).await });
        self.under_way.push((which, answer));
    }

    fn note(&mut self, which: usize, receipt: &Receipt) {
        let new: Vec<String> = match (&self.parcels[which], &receipt.verdicts) {
            (Parcel::Reports(all), Verdicts::Each(verdicts)) => {
                assert_eq!(all.len(), verdicts.len());
                let mut new = Vec::new();
                for (report, verdict) in all.iter().zip(verdicts) {
                    let key = report.external_id.parse().unwrap();
                    let number = verdict.number();
                    assert_eq!(*self.numbers.entry(key).or_insert(number), number, "{report:?}");
                    if matches!(verdict, Verdict::Accepted(_)) {
                        new.push(report.external_id.to_string());
                    }
                }
                new
            }
            (Parcel::Fixes(all), Verdicts::Duplicates(known)) => {
                let fresh = (0..).zip(all).filter(|(index, _)| !known.contains(index));
                fresh.map(|(_, fix)| name_of(fix)).collect()
            }
            other => panic!("no answer to that: {other:?}"),
        };
        for name in new {
            assert!(self.fresh.insert(name.clone()), "{name} was new twice");
        }
    }

    fn make(&mut self, draw: &mut Pcg64Mcg, now: Time) -> Parcel {
        if draw.random_bool(0.5) {
            let seconds = (now.ms() - START) / 1_000;
            let unit = UnitId(draw.random_range(1..=UNITS));
            // Some late, in any order, and some that were there before.
            let many = draw.random_range(1..6);
            let ago = |draw: &mut Pcg64Mcg| draw.random_range(0_i64..400);
            return Parcel::Fixes((0..many).map(|_| fix(unit, seconds - ago(draw))).collect());
        }
        let many = draw.random_range(1..4);
        let reports = (0..many).map(|_| {
            self.reports += 1;
            let lng = 121.0 + draw.random_range(-0.02..0.02);
            NewIncident { occurred_at: now, ..report(self.reports, lng) }
        });
        Parcel::Reports(reports.collect())
    }
}

/// What names a fix.
pub fn name_of(fix: &Position) -> String {
    format!("{}@{}", fix.unit.0, fix.at.ms())
}
