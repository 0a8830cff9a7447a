//! A store that fails when told to, before or after the real one has committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::{
    Alert, AlertId, Batch, Forget, Incident, IncidentId, Offset, Position, Time, UnitId,
};
use crate::store::{AlertRecord, Answer, Committed, Draft, PastStep, Sqlite, Store, StoreError};

/// How the next commits go.
pub const WELL: u8 = 0;
pub const NOT_AT_ALL: u8 = 1;
/// They are durable, but the answer is lost.
pub const UNHEARD: u8 = 2;
/// They are not, and the log cannot be read until the mood is better.
pub const MUTE: u8 = 3;
/// They wait until the mood is another, and go as that says.
pub const STUCK: u8 = 4;
/// They break down.
pub const BROKEN: u8 = 5;
/// They are refused if there is a report of `POISON` among them.
pub const PICKY: u8 = 6;

/// Alerts are refused for good.
pub const BLIND: u8 = 7;

/// The external id of a report that is never taken.
pub const POISON: &str = "9";

#[derive(Debug)]
pub struct Flaky {
    pub real: Arc<Sqlite>,
    pub mood: AtomicU8,
}

impl Flaky {
    pub fn new(real: Arc<Sqlite>) -> Arc<Self> {
        Arc::new(Self { real, mood: AtomicU8::new(WELL) })
    }

    pub fn be(&self, mood: u8) {
        self.mood.store(mood, Ordering::Relaxed);
    }

    async fn until(&self, is_over: impl Fn(u8) -> bool) {
        while !is_over(self.mood.load(Ordering::Relaxed)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn failure() -> StoreError {
    StoreError::Unreachable { deed: "failing in a test", why: sqlx::Error::PoolTimedOut }
}

fn refusal() -> StoreError {
    StoreError::Database { deed: "refusing in a test", why: sqlx::Error::RowNotFound }
}

impl Store for Flaky {
    fn append(&self, draft: Draft) -> Answer<'_, Committed> {
        Box::pin(async move {
            match self.mood.load(Ordering::Relaxed) {
                WELL | BLIND => self.real.append(draft).await,
                NOT_AT_ALL | MUTE => Err(failure()),
                STUCK => {
                    self.until(|mood| mood != STUCK).await;
                    self.append(draft).await
                }
                BROKEN => panic!("a bug"),
                PICKY if !draft.incidents.iter().any(|report| &*report.external_id == POISON) => {
                    self.real.append(draft).await
                }
                PICKY => Err(refusal()),
                _ => self.real.append(draft).await.and(Err(failure())),
            }
        })
    }
    fn read(&self, after: Offset, most_events: usize) -> Answer<'_, Vec<(Offset, Batch)>> {
        Box::pin(async move {
            match self.mood.load(Ordering::Relaxed) {
                NOT_AT_ALL => return Err(failure()),
                MUTE => self.until(|mood| mood == WELL).await,
                _ => {}
            }
            self.real.read(after, most_events).await
        })
    }
    fn epoch(&self) -> &str {
        self.real.epoch()
    }
    fn head(&self) -> Answer<'_, Option<(Offset, Time)>> {
        self.real.head()
    }
    fn end(&self) -> watch::Receiver<Offset> {
        self.real.end()
    }
    fn incidents(&self, ids: Vec<IncidentId>) -> Answer<'_, Vec<Incident>> {
        self.real.incidents(ids)
    }
    fn checkpoints(&self) -> Answer<'_, Vec<Offset>> {
        self.real.checkpoints()
    }
    fn checkpoint(&self, offset: Offset) -> Answer<'_, Option<Vec<u8>>> {
        self.real.checkpoint(offset)
    }
    fn save_checkpoint(&self, offset: Offset, bytes: Vec<u8>) -> Answer<'_, ()> {
        self.real.save_checkpoint(offset, bytes)
    }
    fn drop_checkpoints(&self) -> Answer<'_, ()> {
        self.real.drop_checkpoints()
    }
    fn put_alerts(&self, records: Vec<AlertRecord>) -> Answer<'_, ()> {
        Box::pin(async move {
            match self.mood.load(Ordering::Relaxed) {
                BLIND => Err(refusal()),
                _ => self.real.put_alerts(records).await,
            }
        })
    }
    fn drop_alerts(&self) -> Answer<'_, ()> {
        self.real.drop_alerts()
    }
    fn alert(&self, id: AlertId) -> Answer<'_, Option<Alert>> {
        self.real.alert(id)
    }
    fn ended_alerts(&self, after: (Time, AlertId), most: u32) -> Answer<'_, Vec<Alert>> {
        self.real.ended_alerts(after, most)
    }
    fn alert_steps(
        &self,
        id: AlertId,
        before: (Offset, u32),
        most: u32,
    ) -> Answer<'_, Vec<PastStep>> {
        self.real.alert_steps(id, before, most)
    }
    fn compacted(&self) -> Answer<'_, Offset> {
        self.real.compacted()
    }
    fn compact(&self, upto: Offset, most_events: usize) -> Answer<'_, Offset> {
        self.real.compact(upto, most_events)
    }
    fn known_fixes(&self, fixes: Vec<(UnitId, Time)>) -> Answer<'_, Vec<(UnitId, Time)>> {
        self.real.known_fixes(fixes)
    }
    fn track(&self, unit: UnitId, from: Time, to: Time, most: usize) -> Answer<'_, Vec<Position>> {
        self.real.track(unit, from, to, most)
    }
    fn has_fixes_before(&self, before: Time) -> Answer<'_, bool> {
        self.real.has_fixes_before(before)
    }
    fn has_texts_before(&self, before: Time) -> Answer<'_, bool> {
        self.real.has_texts_before(before)
    }
    fn forget_some(&self, most_events: usize, now: Time) -> Answer<'_, bool> {
        self.real.forget_some(most_events, now)
    }
    fn forget_tracks(&self, forget: Forget) -> Answer<'_, ()> {
        self.real.forget_tracks(forget)
    }
    fn note<'a>(&'a self, key: &'a str) -> Answer<'a, Option<String>> {
        self.real.note(key)
    }
    fn set_note(&self, key: &'static str, text: String) -> Answer<'_, ()> {
        self.real.set_note(key, text)
    }
}
