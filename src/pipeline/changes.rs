//! From what the engine says of a batch to what is told of it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{AlertId, AlertStep, Change, Offset};
use crate::store::AlertRecord;

/// Of several updates of one alert in a row only the last is told: a batch of a
/// thousand reports into one cluster is one update. That an alert has aged is part
/// of the update beside it.
pub fn condense(changes: &mut Vec<Change>) {
    let mut next: FxHashMap<AlertId, usize> = FxHashMap::default();
    let mut told = vec![true; changes.len()];
    for at in (0..changes.len()).rev() {
        let Change::Alert { step, alert, .. } = &changes[at] else { continue };
        let (step, id) = (*step, alert.id);
        if !matches!(step, AlertStep::Updated | AlertStep::Aged) {
            next.remove(&id);
            continue;
        }
        let last = *next.entry(id).or_insert(at);
        told[at] = last == at;
        if step == AlertStep::Updated
            && let Change::Alert { step: last, .. } = &mut changes[last]
        {
            *last = step;
        }
    }
    if told.contains(&false) {
        let mut told = told.into_iter();
        changes.retain(|_| told.next().unwrap_or(true));
    }
}

/// The steps of alerts among the changes, to be kept: those that a history tells.
pub fn steps(offset: Offset, changes: &[Change]) -> Vec<AlertRecord> {
    let alerts = changes.iter().filter_map(|change| match change {
        Change::Alert { step, alert, others } if *step != AlertStep::Aged => {
            Some((*step, alert, others))
        }
        _ => None,
    });
    (0..)
        .zip(alerts)
        .map(|(nth, (step, alert, others))| AlertRecord {
            offset,
            nth,
            step,
            alert: Arc::clone(alert),
            others: others.clone(),
        })
        .collect()
}
