//! The only place that reads the clock.
//!
//! What the machine's clock shows is believed as long as it agrees with what is known
//! from elsewhere ([`judge`]); until then time goes on from before, what comes in is
//! taken all the same, and nothing is done by a date that may be wrong.

mod doubt;
mod judge;
mod machine;
mod repair;
mod synchronised;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use crate::domain::Time;

pub use doubt::{Doubt, Warning};
pub use judge::Reading;
pub use machine::{Face, Machine};
pub use repair::order;
pub use watch::{CONFIRMED_NOTE, REPAIRED_NOTE, Repaired, watch, word};

/// What a driven clock holds before it is first set.
const UNSET: i64 = i64::MIN;

/// How far the machine's clock may be set at once and be believed, ms: as far as a
/// report may lie in the future.
pub const LEAP_MS: i64 = 5 * 60_000;

/// The server's time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own.
    Wall(Arc<Machine>),
    /// What it was last set to, so that a replay of another year, or a
    /// simulation faster than life, is exact. It only goes forward.
    Driven(Arc<Hand>),
}

/// The hand of a driven clock.
#[derive(Debug)]
pub struct Hand(AtomicI64);

impl Clock {
    /// The machine's own, with nothing to hold it against yet.
    #[must_use]
    pub fn wall() -> Self {
        Self::Wall(Arc::new(Machine::here()))
    }

    /// A driven clock that is not set yet.
    #[must_use]
    pub fn driven() -> Self {
        Self::Driven(Arc::new(Hand(AtomicI64::new(UNSET))))
    }

    /// The time; `None` for a driven clock that is not set yet.
    #[must_use]
    pub fn now(&self) -> Option<Time> {
        self.face().map(|face| face.now)
    }

    /// What the clock shows; `None` for a driven clock that is not set yet.
    #[must_use]
    pub fn face(&self) -> Option<Face> {
        match self {
            Self::Wall(machine) => Some(machine.face()),
            Self::Driven(hand) => {
                let ms = hand.0.load(Ordering::Acquire);
                let now = Time::from_ms(ms);
                (ms != UNSET).then_some(Face { now, latest: now, doubt: None })
            }
        }
    }

    /// Whether it must be set by hand.
    #[must_use]
    pub const fn is_driven(&self) -> bool {
        matches!(self, Self::Driven(_))
    }

    /// Holds the machine's clock against the end of the log.
    pub(super) fn begin(&self, log: Option<Time>) {
        if let Self::Wall(machine) = self {
            machine.begin(log);
        }
    }

    /// While the machine's clock is doubted: these reports say what time it is.
    pub(super) fn hear(&self, times: impl Iterator<Item = Time>) {
        if let Self::Wall(machine) = self {
            machine.hear(times);
        }
    }

    /// Why the picture may be wrong, if the clock or the log is that it follows.
    pub(super) fn warning(&self, log: Time) -> Option<Warning> {
        let Self::Wall(machine) = self else { return None };
        let Face { now, doubt, .. } = machine.face();
        match doubt {
            Some(doubt) => Some(Warning::Doubt(doubt)),
            None if log - now > LEAP_MS => Some(Warning::LogAhead { log, now }),
            None => None,
        }
    }

    /// Sets a driven clock; never back.
    pub(super) fn drive(&self, to: Time) {
        if let Self::Driven(hand) = self {
            hand.0.fetch_max(to.ms(), Ordering::AcqRel);
        }
    }
}

/// What the machine's clock shows, whether that is right or not.
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

    #[test]
    fn a_driven_clock_stands_until_it_is_set_and_never_goes_back() {
        let clock = Clock::driven();
        assert_eq!(clock.now(), None);
        clock.drive(Time::from_ms(-5));
        clock.drive(Time::from_ms(-9));
        assert_eq!(clock.now(), Some(Time::from_ms(-5)));
    }
}
