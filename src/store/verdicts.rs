//! What is new of a draft, given what is known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Event, Incident, IncidentId, NewIncident, NewUnit, Unit, UnitId};

use super::Verdict;

/// What names an incident: (source, external id).
pub type Name = (Arc<str>, Arc<str>);

/// Incidents by their names, which senders choose: hashed with a key.
pub type Names = HashMap<Name, u64>;

/// Units by their codes, likewise.
pub type Codes = HashMap<Arc<str>, Unit>;

/// Numbers what is new of these reports, after the newest number given; `known`
/// are those of their names that are there already.
pub fn of_reports(
    reports: Vec<NewIncident>,
    mut known: Names,
    newest: u64,
) -> (Vec<Verdict>, Vec<Incident>) {
    let mut next = newest + 1;
    let mut verdicts = Vec::with_capacity(reports.len());
    let mut accepted = Vec::with_capacity(reports.len());
    for report in reports {
        let name = (Arc::clone(&report.source), Arc::clone(&report.external_id));
        if let Some(&id) = known.get(&name) {
            verdicts.push(Verdict::Duplicate(id));
            continue;
        }
        verdicts.push(Verdict::Accepted(next));
        known.insert(name, next);
        accepted.push(report.numbered(IncidentId(next)));
        next += 1;
    }
    (verdicts, accepted)
}

/// Numbers what is new of these registrations, after the newest number given, and
/// finds what is known otherwise now.
///
/// Whether a sender may give a unit to another agency is looked at when it comes. What
/// is `spooled` has waited since, while another server may have taken the code for an
/// agency that the sender has nothing to do with: it leaves such units as they are.
pub fn of_registrations(
    registrations: Vec<NewUnit>,
    mut known: Codes,
    newest: u64,
    spooled: bool,
) -> (Vec<Verdict>, Vec<Unit>) {
    let mut next = newest + 1;
    let mut verdicts = Vec::with_capacity(registrations.len());
    let mut accepted: Vec<Unit> = Vec::with_capacity(registrations.len());
    for registration in registrations {
        let before = known.get(&registration.code);
        let number = before.map_or(next, |unit| u64::from(unit.id.0));
        // Four thousand million units: never.
        let unit = registration.numbered(UnitId(u32::try_from(number).unwrap_or(u32::MAX)));
        let others = before.filter(|before| spooled && before.agency != unit.agency);
        if let Some(stored) = others {
            let (code, of, stays) = (&*unit.code, unit.agency, stored.agency);
            tracing::error!(
                unit.code = code,
                "a registration for {of} in the spool is left out: the unit is {stays}'s"
            );
        }
        if others.is_some() || before == Some(&unit) {
            verdicts.push(Verdict::Duplicate(number));
            continue;
        }
        if before.is_none() {
            next += 1;
        }
        verdicts.push(Verdict::Accepted(number));
        known.insert(Arc::clone(&unit.code), unit.clone());
        accepted.push(unit);
    }
    (verdicts, accepted)
}

/// A batch's events, in the order in which they are applied.
pub fn in_order(units: Vec<Unit>, incidents: Vec<Incident>, rest: Vec<Event>) -> Vec<Event> {
    if units.is_empty() && incidents.is_empty() {
        return rest;
    }
    let mut events = Vec::with_capacity(units.len() + incidents.len() + rest.len());
    events.extend(units.into_iter().map(Event::Unit));
    events.extend(incidents.into_iter().map(Event::Incident));
    events.extend(rest);
    events
}

/// What a batch holds, each with its offset.
pub fn all_of<T>(seq: u64, all: &[T]) -> Vec<(u64, &T)> {
    all.iter().map(|one| (seq, one)).collect()
}
