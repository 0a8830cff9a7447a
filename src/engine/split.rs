//! Alerts whose cluster breaks: who keeps the alert, and what the other parts have
//! of it.

use std::sync::Arc;

use crate::domain::{Alert, AlertId, AlertStep};

use super::watch::Watch;

/// Whether the cluster of an alert comes of one that broke.
#[derive(Debug)]
pub(super) enum Broke {
    /// It does not.
    Not,
    /// It is what is left; the parts that broke off alarm under these alerts.
    Into(Vec<AlertId>),
    /// It broke off from the cluster of this alert.
    From(Arc<Alert>),
}

/// Where clusters broke, the largest part keeps the alerts (of equal ones that
/// with the oldest core). Gives the other parts, each with the alert that it no
/// longer has.
pub(super) fn hand_down(watch: &mut Watch, splits: &[(u32, u32)]) -> Vec<(u32, AlertId)> {
    let mut families: Vec<Vec<u32>> = Vec::new();
    for &(from, part) in splits {
        match families.iter_mut().find(|family| family.contains(&from)) {
            Some(family) => family.push(part),
            None => families.push(vec![from, part]),
        }
    }
    let mut left = Vec::new();
    for family in families {
        let alerts = std::mem::take(&mut watch.tally_mut(family[0]).alerts);
        let Some(&oldest) = alerts.iter().min() else { continue };
        let size = |&&part: &&u32| watch.tally(part).members;
        let most = family.iter().map(|part| size(&part)).max().unwrap_or(0);
        let largest = family.iter().filter(|part| size(part) == most);
        let keeper = largest.copied().min_by_key(|&part| watch.oldest_core(part));
        let keeper = keeper.unwrap_or(family[0]);
        watch.tally_mut(keeper).alerts = alerts;
        if keeper != family[0] {
            let without = watch.tally_mut(family[0]);
            (without.hull, without.roll) = (None, None);
        }
        left.extend(family.into_iter().filter(|&part| part != keeper).map(|part| (part, oldest)));
    }
    left
}

/// How to call a step once a break is taken into account, and the other alerts it
/// is about.
pub(super) fn after(step: AlertStep, alert: &mut Alert, broke: Broke) -> (AlertStep, Vec<AlertId>) {
    match broke {
        Broke::Not => (step, Vec::new()),
        Broke::Into(parts) if step == AlertStep::Updated => (AlertStep::Split, parts),
        Broke::Into(parts) => (step, parts),
        Broke::From(whole) => {
            inherit(alert, &whole);
            (step, vec![whole.id])
        }
    }
}

/// What an alert has of the one from which it broke off: its members alarm as long
/// as they did there, and whoever answers for the whole answers for the part.
pub(super) fn inherit(alert: &mut Alert, whole: &Alert) {
    alert.split_from = Some(whole.id);
    alert.alarming_since = alert.alarming_since.min(whole.alarming_since);
    if alert.acknowledged.is_none() {
        alert.acknowledged.clone_from(&whole.acknowledged);
    }
}
