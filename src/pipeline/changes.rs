//! From what the engine says of a batch to what is told of it.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::domain::{AlertId, AlertStep, Change, Offset};
use crate::store::AlertRecord;

/// Of several updates of one alert in a row only the last is told: a batch of a
/// thousand reports into one cluster is one update.
pub fn condense(changes: &mut Vec<Change>) {
    let mut updated_later: FxHashSet<AlertId> = FxHashSet::default();
    let mut told = vec![true; changes.len()];
    for (change, told) in changes.iter().zip(&mut told).rev() {
        if let Change::Alert { step, alert } = change {
            if *step == AlertStep::Updated {
                *told = updated_later.insert(alert.id);
            } else {
                updated_later.remove(&alert.id);
            }
        }
    }
    if told.contains(&false) {
        let mut told = told.into_iter();
        changes.retain(|_| told.next().unwrap_or(true));
    }
}

/// The steps of alerts among the changes, to be kept.
pub fn steps(offset: Offset, changes: &[Change]) -> Vec<AlertRecord> {
    let alerts = changes.iter().filter_map(|change| match change {
        Change::Alert { step, alert } => Some((*step, Arc::clone(alert))),
        _ => None,
    });
    (0..).zip(alerts).map(|(nth, (step, alert))| AlertRecord { offset, nth, step, alert }).collect()
}
