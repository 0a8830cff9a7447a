//! What has grown old is forgotten.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::config::Retention;
use crate::domain::{Forget, TextErasure, Time};
use crate::store::{Entry, Store, StoreError};

use super::clock;
use super::inlet::Inlet;
use super::submission::{Refused, Submission};

/// How often it is looked whether a day is over.
const EVERY: Duration = Duration::from_hours(1);

const DAY_MS: i64 = 86_400_000;

/// The note of a time that had certainly come when something was last removed.
pub const PROVEN_NOTE: &str = "retention_proven";

/// Has what is older than it is to be kept removed, a whole day (UTC's) at once, until
/// told to stop: fixes, and texts of incidents.
///
/// What is removed does not come back, so it does not go by the clock alone: nothing
/// goes that would not go a day after a time that has certainly come (see [`Proven`]).
pub async fn retain(
    inlet: Inlet,
    store: &dyn Store,
    retention: Retention,
    stop: CancellationToken,
) {
    let kept = [(Aged::Fixes, retention.positions_days), (Aged::Texts, retention.texts_days)];
    let kept = kept.into_iter().filter_map(|(aged, days)| days.map(|days| Kept::new(aged, days)));
    let mut kept: Vec<_> = kept.collect();
    if kept.is_empty() {
        return;
    }
    let mut beat = tokio::time::interval(EVERY);
    let mut proven = Proven::default();
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        let Some(face) = inlet.face() else { continue };
        if let Err(why) = learn(&mut proven, &inlet, store).await {
            tracing::error!(error = %why, "looking how late it is at least; trying again");
            continue;
        }
        let sure = if inlet.is_driven() { Some(face.now) } else { proven.at(Instant::now()) };
        let Some(sure) = sure.filter(|_| face.doubt.is_none()) else { continue };
        for kind in &mut kept {
            if let Err(why) = kind.remove(&inlet, store, face.now, sure).await {
                let what = kind.aged.word();
                tracing::error!(error = %why, what, "removing what has grown old; trying again");
            }
        }
    }
}

/// What grows old.
#[derive(Clone, Copy, Debug)]
enum Aged {
    Fixes,
    Texts,
}

impl Aged {
    /// As the audit log names it.
    const fn word(self) -> &'static str {
        match self {
            Self::Fixes => "positions",
            Self::Texts => "texts",
        }
    }

    async fn any_before(self, store: &dyn Store, before: Time) -> Result<bool, StoreError> {
        match self {
            Self::Fixes => store.has_fixes_before(before).await,
            Self::Texts => store.has_texts_before(before).await,
        }
    }

    const fn removal(self, before: Time) -> Submission {
        match self {
            Self::Fixes => Submission::Forget(Forget { unit: None, before }),
            Self::Texts => Submission::EraseTexts(TextErasure::Before(before)),
        }
    }
}

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
enum Unremoved {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Pipeline(#[from] Refused),
}

/// How long something is kept, and how far that has come.
#[derive(Debug)]
struct Kept {
    aged: Aged,
    days: u32,
    done: Option<Time>,
    /// Up to where it was told that the clock is not believed.
    told: Option<Time>,
}

impl Kept {
    const fn new(aged: Aged, days: u32) -> Self {
        Self { aged, days, done: None, told: None }
    }

    /// Has removed what is due, as far as that is `sure`.
    async fn remove(
        &mut self,
        inlet: &Inlet,
        store: &dyn Store,
        now: Time,
        sure: Time,
    ) -> Result<(), Unremoved> {
        let Self { aged, days, .. } = *self;
        let due = first_kept(now, days);
        let before = due.min(first_kept(sure + DAY_MS, days));
        if before < due && self.told != Some(due) {
            self.told = Some(due);
            tracing::warn!(
                %due, %before, what = aged.word(),
                "the clock is days ahead of all that has come in: it is removed up to the \
                 second time only. If the clock is right, say so: pilin clock confirm"
            );
        }
        if self.done.is_some_and(|done| done >= before) || !aged.any_before(store, before).await? {
            return Ok(());
        }
        store.set_note(PROVEN_NOTE, sure.min(now).to_string()).await?;
        inlet.send_told(aged.removal(before), Some(entry(aged, days, before))).await?;
        self.done = Some(before);
        Ok(())
    }
}

/// How late it is at least, whatever the machine's clock shows: later than an operator
/// said it was, than the newest fix that came in, and than was known when something was
/// last removed; and the later by how long ago that was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Proven(Option<(Time, Instant)>);

impl Proven {
    fn learn(&mut self, at: Option<Time>, seen: Instant) {
        if let Some(at) = at.filter(|at| self.at(seen).is_none_or(|known| known < *at)) {
            self.0 = Some((at, seen));
        }
    }

    fn at(self, now: Instant) -> Option<Time> {
        let (at, seen) = self.0?;
        let gone = now.saturating_duration_since(seen).as_millis();
        Some(at + i64::try_from(gone).unwrap_or(i64::MAX))
    }
}

async fn learn(proven: &mut Proven, inlet: &Inlet, store: &dyn Store) -> Result<(), StoreError> {
    let noted = store.note(PROVEN_NOTE).await?.and_then(|text| text.parse().ok());
    let word = clock::word(store).await?;
    let newest = inlet.ask(|engine| {
        let all = engine.units().filter_map(|(_, fix)| fix.map(|fix| fix.at));
        all.max()
    });
    // The pipeline that is gone has nothing removed either.
    let newest = newest.await.unwrap_or_default();
    for at in [noted, word, newest] {
        proven.learn(at, Instant::now());
    }
    Ok(())
}

/// The beginning of the first day whose fixes are kept.
fn first_kept(now: Time, days: u32) -> Time {
    let oldest = now - i64::from(days) * DAY_MS;
    oldest - oldest.ms().rem_euclid(DAY_MS)
}

fn entry(aged: Aged, days: u32, before: Time) -> Entry {
    let after = json!({"days": days, "before": before});
    Entry::of_pilin(clock::wall(), "retain", aged.word().to_owned(), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_as_a_whole() {
        let kept = |now: &str, days| first_kept(now.parse().unwrap(), days).to_string();
        assert_eq!(kept("2026-03-04T17:00:00Z", 90), "2025-12-04T00:00:00.000Z");
        assert_eq!(kept("2026-03-04T00:00:00Z", 1), "2026-03-03T00:00:00.000Z");
    }

    #[test]
    fn time_is_proven_by_what_was_seen_and_goes_on_from_there() {
        let begun = Instant::now();
        let after = |hours| begun + Duration::from_hours(hours);
        let time = |hours: i64| Time::from_ms(hours * 3_600_000);
        let mut proven = Proven::default();
        proven.learn(None, begun);
        assert_eq!(proven.at(begun), None);
        proven.learn(Some(time(100)), begun);
        assert_eq!(proven.at(after(30)), Some(time(130)));
        proven.learn(Some(time(120)), after(30));
        assert_eq!(proven.at(after(30)), Some(time(130)), "older than is known already");
        proven.learn(Some(time(200)), after(31));
        assert_eq!(proven.at(after(32)), Some(time(201)));
    }
}
