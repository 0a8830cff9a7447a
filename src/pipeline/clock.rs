//! The only place that reads the clock.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::domain::Time;

/// What a driven clock holds before it is first set.
const UNSET: i64 = i64::MIN;

/// How far the machine's clock may be set at once and be believed, ms: as far as a
/// report may lie in the future.
pub const LEAP_MS: i64 = 5 * 60_000;

/// How long it must stand by a leap beyond that.
const HELD: Duration = Duration::from_mins(1);

/// The server's time.
#[derive(Debug)]
pub enum Clock {
    /// The machine's own.
    Wall(Wall),
    /// What it was last set to, so that a replay of another year, or a
    /// simulation faster than life, is exact. It only goes forward.
    Driven(Hand),
}

/// The hand of a driven clock.
#[derive(Debug)]
pub struct Hand(AtomicI64);

/// The machine's clock, held against one that nobody sets.
///
/// Time in the log never goes back, so a clock that is set to next year for a
/// moment would leave every later report a year behind. A leap is believed only
/// once it has held for a minute; until then time goes on from before. (After the
/// machine has slept, during which the other clock stands still, that is a minute
/// late.)
pub struct Wall {
    read: Box<dyn Fn() -> Reading + Send + Sync>,
    /// Locked to read and judge; every request does so once.
    judge: Mutex<Judge>,
}

/// What the machine's two clocks show at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The one that people and time servers set.
    pub wall: Time,
    /// The one that nobody sets.
    pub steady: Duration,
}

#[derive(Debug)]
struct Judge {
    /// The last reading that was believed.
    believed: Reading,
    /// Since when there has been a leap, and how far it goes, ms.
    leap: Option<(Duration, i64)>,
}

impl Clock {
    /// The machine's own.
    #[must_use]
    pub fn wall() -> Self {
        let begun = Instant::now();
        Self::Wall(Wall::new(move || Reading { wall: wall(), steady: begun.elapsed() }))
    }

    /// A driven clock that is not set yet.
    #[must_use]
    pub const fn driven() -> Self {
        Self::Driven(Hand(AtomicI64::new(UNSET)))
    }

    /// The time; `None` for a driven clock that is not set yet.
    #[must_use]
    pub fn now(&self) -> Option<Time> {
        match self {
            Self::Wall(wall) => Some(wall.now()),
            Self::Driven(hand) => {
                let ms = hand.0.load(Ordering::Acquire);
                (ms != UNSET).then(|| Time::from_ms(ms))
            }
        }
    }

    /// Whether it must be set by hand.
    #[must_use]
    pub const fn is_driven(&self) -> bool {
        matches!(self, Self::Driven(_))
    }

    /// Sets a driven clock; never back.
    pub(super) fn drive(&self, to: Time) {
        if let Self::Driven(hand) = self {
            hand.0.fetch_max(to.ms(), Ordering::AcqRel);
        }
    }
}

impl Wall {
    /// By readings of the machine's clocks, the first of which is believed.
    #[must_use]
    pub fn new(read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        let judge = Mutex::new(Judge { believed: read(), leap: None });
        Self { read: Box::new(read), judge }
    }

    fn now(&self) -> Time {
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        judge.judge((self.read)())
    }
}

impl Judge {
    fn judge(&mut self, reading: Reading) -> Time {
        let gone = reading.steady.saturating_sub(self.believed.steady);
        let expected = self.believed.wall + i64::try_from(gone.as_millis()).unwrap_or(i64::MAX);
        let ahead = reading.wall - expected;
        if ahead.abs() > LEAP_MS {
            let (since, by) = match self.leap {
                Some((since, by)) if (ahead - by).abs() <= LEAP_MS => (since, by),
                _ => {
                    tracing::warn!(ahead_ms = ahead, "the machine's clock has leapt");
                    (reading.steady, ahead)
                }
            };
            if reading.steady.saturating_sub(since) < HELD {
                self.leap = Some((since, by));
                return expected;
            }
            tracing::warn!(ahead_ms = ahead, "the machine's clock stands by its leap: believed");
        }
        *self = Self { believed: reading, leap: None };
        reading.wall
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wall").field("judge", &self.judge).finish_non_exhaustive()
    }
}

/// The machine's own time, whatever the clock of the service shows: by it sessions
/// end and the audit log counts.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place where the clock is read")]
pub fn wall() -> Time {
    // Before 1970 the machine's clock is not set: then it is 1970.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the clock says when the machine's two show so many seconds.
    fn told(readings: &[(i64, u64)]) -> Vec<i64> {
        let reading = |&(wall, steady): &(i64, u64)| Reading {
            wall: Time::from_ms(wall * 1_000),
            steady: Duration::from_secs(steady),
        };
        let mut judge = Judge { believed: reading(&readings[0]), leap: None };
        readings.iter().map(|at| judge.judge(reading(at)).ms() / 1_000).collect()
    }

    const YEAR: i64 = 365 * 86_400;

    #[test]
    fn a_driven_clock_stands_until_it_is_set_and_never_goes_back() {
        let clock = Clock::driven();
        assert_eq!(clock.now(), None);
        clock.drive(Time::from_ms(-5));
        clock.drive(Time::from_ms(-9));
        assert_eq!(clock.now(), Some(Time::from_ms(-5)));
    }

    #[test]
    fn a_leap_there_and_back_is_not_followed() {
        let there = [(100, 0), (101, 1), (YEAR + 102, 2), (YEAR + 140, 40), (141, 41)];
        assert_eq!(told(&there), [100, 101, 102, 140, 141]);
        let back = [(YEAR, 0), (1, 1), (20, 20), (YEAR + 21, 21)];
        assert_eq!(told(&back), [YEAR, YEAR + 1, YEAR + 20, YEAR + 21]);
    }

    #[test]
    fn a_leap_that_holds_for_a_minute_is_followed() {
        let held =
            [(100, 0), (YEAR + 102, 2), (YEAR + 161, 61), (YEAR + 162, 62), (YEAR + 163, 63)];
        assert_eq!(told(&held), [100, 102, 161, YEAR + 162, YEAR + 163]);
        let other = [(100, 0), (YEAR + 102, 2), (2 * YEAR + 141, 41), (2 * YEAR + 180, 80)];
        assert_eq!(told(&other), [100, 102, 141, 180], "another leap begins anew");
    }

    #[test]
    fn a_clock_that_is_set_right_is_followed_at_once() {
        assert_eq!(told(&[(100, 0), (401, 1), (103, 2)]), [100, 401, 103]);
    }
}
