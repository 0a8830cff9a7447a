//! A store in memory, for simulations: what it does, and when, the weather says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::{
    Alert, AlertId, Batch, Event, Forget, Incident, IncidentId, NewIncident, Offset, Position,
    TextErasure, Time, UnitId,
};

use super::draft::FixNames;
use super::rows::name;
use super::verdicts::{Codes, Names};
use super::{
    AlertRecord, Answer, Committed, Draft, Owner, PastStep, StepDetail, Store, tracks, verdicts,
};

/// What is asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// To append a batch.
    Append,
    /// To read the log.
    Read,
    /// To look for fixes in tracks.
    Look,
    /// To write what follows behind the log.
    Keep,
    /// Anything else.
    Ask,
}

/// What comes between a server and its store: time, and failures.
pub trait Weather: fmt::Debug + Send + Sync + 'static {
    /// On the way there. After a failure nothing is done.
    fn out(&self, deed: Deed) -> Answer<'_, ()>;

    /// On the way back. After a failure it is done, but nobody hears so.
    fn back(&self, deed: Deed) -> Answer<'_, ()>;
}

/// No time passes and nothing fails.
#[derive(Debug)]
pub struct Calm;

impl Weather for Calm {
    fn out(&self, _: Deed) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
    fn back(&self, _: Deed) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// One server's way to what is kept; several may share it.
#[derive(Clone, Debug)]
pub struct Memory {
    kept: Arc<Mutex<Kept>>,
    end: watch::Sender<Offset>,
    weather: Arc<dyn Weather>,
}

impl Default for Memory {
    /// An empty one, in calm weather.
    fn default() -> Self {
        Self { kept: Arc::default(), end: watch::Sender::default(), weather: Arc::new(Calm) }
    }
}

#[derive(Debug, Default)]
struct Kept {
    log: Vec<Batch>,
    names: Names,
    incidents: Vec<Incident>,
    codes: Codes,
    checkpoints: BTreeMap<Offset, Vec<u8>>,
    alerts: BTreeMap<AlertId, AlertRecord>,
    steps: BTreeMap<(AlertId, Offset, u32), PastStep>,
    compacted: Offset,
    tracks: BTreeMap<(UnitId, Time), Position>,
    /// Up to where the log has been asked what is to be forgotten.
    forgotten: Offset,
    notes: BTreeMap<&'static str, String>,
}

impl Memory {
    /// The same, through another weather.
    #[must_use]
    pub fn through(&self, weather: Arc<dyn Weather>) -> Self {
        Self { weather, ..self.clone() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act<T: Send>(
        &self,
        deed: Deed,
        act: impl FnOnce(&mut Kept) -> T + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            self.weather.out(deed).await?;
            let done = act(&mut self.kept());
            let end = self.kept().end();
            self.end.send_if_modified(|known| std::mem::replace(known, end) != end);
            self.weather.back(deed).await?;
            Ok(done)
        })
    }
}

impl Kept {
    fn end(&self) -> Offset {
        Offset(self.log.len() as u64)
    }

    fn after(&self, offset: Offset) -> impl Iterator<Item = (Offset, &Batch)> {
        let skipped = usize::try_from(offset.0).unwrap();
        (offset.0 + 1..).map(Offset).zip(self.log.iter().skip(skipped))
    }

    fn read(&self, after: Offset, most_events: usize) -> Vec<(Offset, Batch)> {
        let mut events = 0;
        let mut page = Vec::new();
        for (offset, batch) in self.after(after) {
            if events >= most_events {
                break;
            }
            events += batch.events.len();
            page.push((offset, batch.clone()));
        }
        page
    }

    fn append(&mut self, mut draft: Draft) -> Committed {
        let at = self.log.last().map_or(draft.at, |last| draft.at.max(last.at));
        let overtaken = draft.since.is_some_and(|since| {
            self.after(since.offset).any(|(_, batch)| since.changed_in(batch))
        });
        if overtaken {
            return Committed { offset: self.end(), at, overtaken, ..Committed::default() };
        }
        let since: FixNames = tracks::names(&self.read(draft.known, usize::MAX)).collect();
        let repeated = draft.leave_out(&since);
        let newest = self.codes.len() as u64;
        let (codes, spooled) = (self.codes.clone(), draft.spooled.is_some());
        let (units, registered) =
            verdicts::of_registrations(draft.units, &draft.transfers, codes, newest, spooled);
        self.codes.extend(registered.iter().map(|unit| (Arc::clone(&unit.code), unit.clone())));
        let newest = self.incidents.len() as u64;
        let owners = verdicts::owners(&draft.incidents, &draft.owners);
        let known = self.names_of(&draft.incidents, &owners);
        let (incidents, accepted) = verdicts::of_reports(draft.incidents, &owners, known, newest);
        let named =
            accepted.iter().map(|(owner, incident)| (name(*owner, incident), incident.clone()));
        self.names.extend(named);
        let accepted: Vec<_> = accepted.into_iter().map(|(_, incident)| incident).collect();
        self.incidents.extend(accepted.iter().cloned());
        let events = verdicts::in_order(registered, accepted, draft.events);
        if !events.is_empty() {
            self.log.push(Batch { at, events: events.clone() });
        }
        Committed { offset: self.end(), at, events, repeated, units, incidents, overtaken }
    }

    fn names_of(&self, reports: &[NewIncident], owners: &[Owner]) -> Names {
        let names = reports.iter().zip(owners).flat_map(|(report, owner)| {
            [*owner, Owner::NOBODY]
                .map(|owner| (owner, Arc::clone(&report.source), Arc::clone(&report.external_id)))
        });
        names.filter_map(|name| self.names.get(&name).map(|known| (name, known.clone()))).collect()
    }

    fn put_alert(&mut self, record: AlertRecord) {
        let AlertRecord { offset, nth, step, ref alert, .. } = record;
        let (at, detail) = (alert.updated_at, StepDetail::of(&record));
        self.steps.insert((alert.id, offset, nth), PastStep { offset, nth, at, step, detail });
        let later = |last: &AlertRecord| (last.offset, last.nth) > (offset, nth);
        if !self.alerts.get(&alert.id).is_some_and(later) {
            self.alerts.insert(alert.id, record);
        }
    }

    fn ended(&self, after: (Time, AlertId), most: u32) -> Vec<Alert> {
        let place = |alert: &Alert| alert.ended_at.map(|ended| (ended, alert.id));
        let all = self.alerts.values().map(|record| &*record.alert);
        let mut ended: Vec<_> =
            all.filter(|alert| place(alert).is_some_and(|place| place < after)).cloned().collect();
        ended.sort_by_key(|alert| std::cmp::Reverse(place(alert)));
        ended.truncate(most as usize);
        ended
    }

    fn compact(&mut self, upto: Offset, most_events: usize) -> Offset {
        let mut page = self.read(self.compacted, most_events);
        page.retain(|(offset, _)| *offset <= upto);
        for (offset, batch) in page {
            self.tracks.extend(fixes(&batch).map(|fix| ((fix.unit, fix.at), *fix)));
            self.compacted = offset;
        }
        self.compacted
    }

    fn forget_next(&mut self) -> bool {
        let asks = |event: &Event| matches!(event, Event::Forget(_) | Event::EraseTexts(_));
        let next = self.after(self.forgotten).find(|(_, batch)| batch.events.iter().any(asks));
        let Some((offset, events)) = next.map(|(at, batch)| (at, batch.events.clone())) else {
            return false;
        };
        for event in events {
            let before = usize::try_from(offset.0 - 1).unwrap();
            match event {
                Event::Forget(forget) => {
                    for batch in &mut self.log[..before] {
                        forget.take_out(&mut batch.events);
                    }
                    self.forget_tracks(forget);
                }
                Event::EraseTexts(erasure) => self.erase_texts(erasure, before),
                _ => {}
            }
        }
        self.forgotten = offset;
        true
    }

    fn erase_texts(&mut self, erasure: TextErasure, up_to: usize) {
        for batch in &mut self.log[..up_to] {
            erasure.erase_in(&mut batch.events);
        }
        for incident in &mut self.incidents {
            erasure.erase(incident);
        }
    }

    fn forget_tracks(&mut self, forget: Forget) {
        self.tracks.retain(|_, fix| !forget.means(fix));
    }

    fn has_fixes_before(&self, before: Time) -> bool {
        self.log.iter().flat_map(fixes).any(|fix| fix.at < before)
    }

    fn track(&self, unit: UnitId, from: Time, to: Time, most: usize) -> Vec<Position> {
        let tail = self.after(self.compacted).flat_map(|(_, batch)| fixes(batch));
        let all = self.tracks.values().chain(tail).filter(|fix| fix.unit == unit);
        tracks::within(all.copied().collect(), from, to, most)
    }
}

fn fixes(batch: &Batch) -> impl Iterator<Item = &Position> {
    batch.events.iter().filter_map(|event| match event {
        Event::Position(fix) => Some(fix),
        _ => None,
    })
}

impl Store for Memory {
    fn epoch(&self) -> &'static str {
        "memory"
    }
    fn append(&self, draft: Draft) -> Answer<'_, Committed> {
        self.act(Deed::Append, |kept| kept.append(draft))
    }
    fn head(&self) -> Answer<'_, Option<(Offset, Time)>> {
        self.act(Deed::Ask, |kept| kept.log.last().map(|batch| (kept.end(), batch.at)))
    }
    fn end(&self) -> watch::Receiver<Offset> {
        self.end.subscribe()
    }
    fn read(&self, after: Offset, most_events: usize) -> Answer<'_, Vec<(Offset, Batch)>> {
        self.act(Deed::Read, move |kept| kept.read(after, most_events))
    }
    fn incidents(&self, ids: Vec<IncidentId>) -> Answer<'_, Vec<Incident>> {
        self.act(Deed::Ask, |kept| {
            let find = |id: IncidentId| kept.incidents.iter().find(|incident| incident.id == id);
            ids.into_iter().filter_map(|id| find(id).cloned()).collect()
        })
    }
    fn checkpoints(&self) -> Answer<'_, Vec<Offset>> {
        self.act(Deed::Ask, |kept| kept.checkpoints.keys().copied().collect())
    }
    fn checkpoint(&self, offset: Offset) -> Answer<'_, Option<Vec<u8>>> {
        self.act(Deed::Ask, move |kept| kept.checkpoints.get(&offset).cloned())
    }
    fn save_checkpoint(&self, offset: Offset, bytes: Vec<u8>) -> Answer<'_, ()> {
        self.act(Deed::Keep, move |kept| {
            kept.checkpoints.insert(offset, bytes);
            while kept.checkpoints.len() > 2 {
                kept.checkpoints.pop_first();
            }
        })
    }
    fn drop_checkpoints(&self) -> Answer<'_, ()> {
        self.act(Deed::Keep, |kept| kept.checkpoints.clear())
    }
    fn put_alerts(&self, records: Vec<AlertRecord>) -> Answer<'_, ()> {
        self.act(Deed::Keep, |kept| records.into_iter().for_each(|record| kept.put_alert(record)))
    }
    fn drop_alerts(&self) -> Answer<'_, ()> {
        self.act(Deed::Keep, |kept| {
            kept.alerts.clear();
            kept.steps.clear();
        })
    }
    fn alert(&self, id: AlertId) -> Answer<'_, Option<Alert>> {
        self.act(Deed::Ask, move |kept| kept.alerts.get(&id).map(|record| (*record.alert).clone()))
    }
    fn ended_alerts(&self, after: (Time, AlertId), most: u32) -> Answer<'_, Vec<Alert>> {
        self.act(Deed::Ask, move |kept| kept.ended(after, most))
    }
    fn alert_steps(
        &self,
        id: AlertId,
        before: (Offset, u32),
        most: u32,
    ) -> Answer<'_, Vec<PastStep>> {
        self.act(Deed::Ask, move |kept| {
            let of_it = kept.steps.range((id, Offset(0), 0)..(id, before.0, before.1));
            of_it.rev().take(most as usize).map(|(_, step)| step.clone()).collect()
        })
    }
    fn compacted(&self) -> Answer<'_, Offset> {
        self.act(Deed::Ask, |kept| kept.compacted)
    }
    fn compact(&self, upto: Offset, most_events: usize) -> Answer<'_, Offset> {
        self.act(Deed::Keep, move |kept| kept.compact(upto, most_events))
    }
    fn known_fixes(&self, fixes: Vec<(UnitId, Time)>) -> Answer<'_, Vec<(UnitId, Time)>> {
        self.act(Deed::Look, |kept| {
            fixes.into_iter().filter(|fix| kept.tracks.contains_key(fix)).collect()
        })
    }
    fn track(&self, unit: UnitId, from: Time, to: Time, most: usize) -> Answer<'_, Vec<Position>> {
        self.act(Deed::Ask, move |kept| kept.track(unit, from, to, most))
    }
    fn has_fixes_before(&self, before: Time) -> Answer<'_, bool> {
        self.act(Deed::Ask, move |kept| kept.has_fixes_before(before))
    }
    fn has_texts_before(&self, before: Time) -> Answer<'_, bool> {
        let meant = TextErasure::Before(before);
        self.act(Deed::Ask, move |kept| {
            kept.incidents.iter().any(|incident| incident.has_texts() && meant.means(incident))
        })
    }
    fn forget_some(&self, _: usize, _: Time) -> Answer<'_, bool> {
        self.act(Deed::Keep, Kept::forget_next)
    }
    fn forget_tracks(&self, forget: Forget) -> Answer<'_, ()> {
        self.act(Deed::Keep, move |kept| kept.forget_tracks(forget))
    }
    fn note<'a>(&'a self, key: &'a str) -> Answer<'a, Option<String>> {
        let key = key.to_owned();
        self.act(Deed::Ask, move |kept| kept.notes.get(key.as_str()).cloned())
    }
    fn set_note(&self, key: &'static str, text: String) -> Answer<'_, ()> {
        self.act(Deed::Ask, move |kept| drop(kept.notes.insert(key, text)))
    }
}
