//! What is new of a draft, given what is known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Event, Incident, IncidentId, NewIncident, NewUnit, Unit, UnitId};

use super::{Differences, Owner, Transfer, Verdict};

/// What names an incident.
pub type Name = (Owner, Arc<str>, Arc<str>);

/// Incidents by their names, which senders choose: hashed with a key.
pub type Names = HashMap<Name, Incident>;

/// Units by their codes, likewise.
pub type Codes = HashMap<Arc<str>, Unit>;

/// The incident that a report of an owner is, if it is known: under a name of the
/// owner's, or one that is nobody's.
fn known_as<'a>(known: &'a Names, owner: Owner, report: &NewIncident) -> Option<&'a Incident> {
    let name = |owner| (owner, Arc::clone(&report.source), Arc::clone(&report.external_id));
    known.get(&name(owner)).or_else(|| known.get(&name(Owner::NOBODY)))
}

/// Whose the names of reports are: one each, whatever is said of them.
pub fn owners(reports: &[NewIncident], said: &[Owner]) -> Vec<Owner> {
    let rest = std::iter::repeat(Owner::NOBODY);
    said.iter().copied().chain(rest).take(reports.len()).collect()
}

/// Numbers what is new of these reports, after the newest number given; `known`
/// are those of their names that are there already, and `owners` says whose each is.
pub fn of_reports(
    reports: Vec<NewIncident>,
    owners: &[Owner],
    mut known: Names,
    newest: u64,
) -> (Vec<Verdict>, Vec<(Owner, Incident)>) {
    let mut next = newest + 1;
    let mut verdicts = Vec::with_capacity(reports.len());
    let mut accepted = Vec::with_capacity(reports.len());
    for (report, &owner) in reports.into_iter().zip(owners) {
        if let Some(stored) = known_as(&known, owner, &report) {
            let differences = Differences::between(stored, &report);
            let id = stored.id.0;
            verdicts.push(if differences.is_none() {
                Verdict::Duplicate(id)
            } else {
                Verdict::Differs(id, differences)
            });
            continue;
        }
        let incident = report.numbered(IncidentId(next));
        let name = (Arc::clone(&incident.source), Arc::clone(&incident.external_id));
        verdicts.push(Verdict::Accepted(next));
        known.insert((owner, name.0, name.1), incident.clone());
        accepted.push((owner, incident));
        next += 1;
    }
    (verdicts, accepted)
}

/// Numbers what is new of these registrations, after the newest number given, and
/// finds what is known otherwise now.
///
/// Whether a sender may give a unit to another agency is looked at when it comes, and
/// stands among the transfers. Whatever else another agency has come to have meanwhile
/// stays its own.
pub fn of_registrations(
    registrations: Vec<NewUnit>,
    transfers: &[Transfer],
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
        let is_given = |stored: &Unit| {
            let Unit { code, agency: to, .. } = &unit;
            let asked = |given: &&Transfer| given.from == stored.agency && given.to == *to;
            transfers.iter().filter(asked).any(|given| given.code == *code)
        };
        let others = before.filter(|before| before.agency != unit.agency && !is_given(before));
        if let Some(stored) = others {
            if spooled {
                let (code, of, stays) = (&*unit.code, unit.agency, stored.agency);
                tracing::error!(
                    unit.code = code,
                    "a registration for {of} in the spool is left out: the unit is {stays}'s"
                );
            }
            verdicts.push(Verdict::Taken(number));
            continue;
        }
        if before == Some(&unit) {
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
