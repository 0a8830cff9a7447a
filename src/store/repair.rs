//! Bringing back a log that was written under a clock that was ahead.
//!
//! Its batches keep their order, their numbers and all that was reported. Those that lie
//! after the time that it is get a time at which they can have been written: that of the
//! newest report in them, never before the batch before them nor after now. What is made
//! of the log is dropped, and made anew at the next start.

use crate::domain::{Batch, Event, Forget, TextErasure, Time};

use super::{Answer, Entry};

/// Batches that are mended at once.
pub(super) const BATCHES: i64 = 256;

/// How far a fix may lie after the time at which it was stored, ms.
const AHEAD_MS: i64 = 5 * 60_000;

const DAY_MS: i64 = 86_400_000;

/// A store whose log can be brought back from the future.
pub trait Repair: std::fmt::Debug + Send + Sync + 'static {
    /// Brings it back, in one transaction; nothing is done if the log does not end after
    /// that time.
    fn repair_times(&self, order: Order) -> Answer<'_, Option<Repaired>>;
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Order {
    /// What time it is.
    pub now: Time,
    /// What the audit log says of it.
    pub entry: Entry,
    /// The notes to be kept, each under its key.
    pub notes: Vec<(&'static str, String)>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// When the log ended.
    pub ended: Time,
    /// How many batches got another time.
    pub batches: u64,
}

/// What else holds times of the future, or was made of the log; `$1` is now.
pub(super) const STATEMENTS: [&str; 12] = [
    "DELETE FROM checkpoints",
    "DELETE FROM alert_steps",
    "DELETE FROM alerts",
    "DELETE FROM forgetting WHERE unit IS NULL AND before > $1",
    // Retention asks again for what is old by the right date.
    "DELETE FROM meta WHERE key = 'erasing_texts'",
    "UPDATE sessions SET ends_at = ends_at - (created_at - $1), created_at = $1
     WHERE created_at > $1",
    "UPDATE sessions SET last_use = $1 WHERE last_use > $1",
    "UPDATE accounts SET created_at = $1 WHERE created_at > $1",
    "UPDATE tokens SET created_at = $1 WHERE created_at > $1",
    "UPDATE tokens SET last_use = $1 WHERE last_use > $1",
    "UPDATE replies SET begun_at = $1 WHERE begun_at > $1",
    "DELETE FROM wall_codes WHERE ends_at > $1 + 3600000",
];

/// Gives a batch of the future its time, after one before it. Whether its events are
/// others now: what it says is to be forgotten went by the wrong date too, and would take
/// with it what came since when the log is replayed.
pub(super) fn mend(batch: &mut Batch, before: Time, now: Time) -> bool {
    let reported = batch.events.iter().filter_map(|event| match event {
        Event::Incident(incident) => Some(incident.occurred_at),
        Event::Position(fix) => Some(fix.at),
        _ => None,
    });
    batch.at = reported.max().unwrap_or(before).min(now).max(before);
    let mut changed = false;
    // No retention lasts less than a day.
    let of_all = |before: Time| {
        if before > batch.at - DAY_MS { Time::default() } else { before }
    };
    for event in &mut batch.events {
        let (before, most) = match event {
            Event::Forget(Forget { unit: Some(_), before }) => {
                let most = (*before).min(batch.at + AHEAD_MS + 1);
                (before, most)
            }
            Event::Forget(Forget { unit: None, before })
            | Event::EraseTexts(TextErasure::Before(before)) => {
                let most = of_all(*before);
                (before, most)
            }
            _ => continue,
        };
        changed |= std::mem::replace(before, most) != most;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UnitId;
    use crate::pipeline::tests::world::{START, fix};

    const HOUR: i64 = 3_600_000;

    fn at(hour: i64) -> Time {
        Time::from_ms(START + hour * HOUR)
    }

    fn mended(events: Vec<Event>, before: Time, now: Time) -> (Batch, bool) {
        let mut batch = Batch { at: at(400 * 24), events };
        let changed = mend(&mut batch, before, now);
        (batch, changed)
    }

    #[test]
    fn a_batch_of_the_future_gets_the_time_of_its_newest_report() {
        let fixes = |hours: &[i64]| {
            let fix = |hour: &i64| Event::Position(fix(UnitId(1), hour * 3_600));
            hours.iter().map(fix).collect::<Vec<_>>()
        };
        let time = |hours: &[i64]| mended(fixes(hours), at(2), at(5)).0.at;
        assert_eq!(time(&[1, 4, 3]), at(4));
        assert_eq!(time(&[1]), at(2), "not before the one before it");
        assert_eq!(time(&[9]), at(5), "nor after now");
        assert_eq!(time(&[]), at(2));
    }

    #[test]
    fn what_a_wrong_date_wanted_forgotten_takes_nothing_with_it() {
        let forgets = |unit: Option<u32>, before| {
            let forget = Forget { unit: unit.map(UnitId), before };
            let (batch, changed) = mended(vec![Event::Forget(forget)], at(2), at(5));
            let Event::Forget(forget) = batch.events[0] else { panic!() };
            (forget.before, changed)
        };
        assert_eq!(forgets(None, at(310 * 24)), (Time::default(), true));
        assert_eq!(forgets(None, at(-50 * 24)), (at(-50 * 24), false), "that was due");
        assert_eq!(forgets(Some(1), at(400 * 24)), (at(2) + 300_001, true));
        assert_eq!(forgets(Some(1), at(1)), (at(1), false));
        let erases = |before| {
            let erasure = Event::EraseTexts(TextErasure::Before(before));
            let (batch, changed) = mended(vec![erasure], at(2), at(5));
            let Event::EraseTexts(TextErasure::Before(before)) = batch.events[0] else { panic!() };
            (before, changed)
        };
        assert_eq!(erases(at(310 * 24)), (Time::default(), true));
        assert_eq!(erases(at(-50 * 24)), (at(-50 * 24), false));
    }
}
