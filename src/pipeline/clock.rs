//! The only place that reads the clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use crate::domain::Time;

/// What a driven clock holds before it is first set.
const UNSET: i64 = i64::MIN;

/// The server's time.
#[derive(Debug)]
pub enum Clock {
    /// The machine's own.
    Wall,
    /// What it was last set to, so that a replay of another year, or a
    /// simulation faster than life, is exact. It only goes forward.
    Driven(Hand),
}

/// The hand of a driven clock.
#[derive(Debug)]
pub struct Hand(AtomicI64);

impl Clock {
    /// A driven clock that is not set yet.
    #[must_use]
    pub const fn driven() -> Self {
        Self::Driven(Hand(AtomicI64::new(UNSET)))
    }

    /// The time; `None` for a driven clock that is not set yet.
    #[must_use]
    pub fn now(&self) -> Option<Time> {
        match self {
            Self::Wall => Some(wall()),
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

    #[test]
    fn a_driven_clock_stands_until_it_is_set_and_never_goes_back() {
        let clock = Clock::driven();
        assert_eq!(clock.now(), None);
        clock.drive(Time::from_ms(-5));
        clock.drive(Time::from_ms(-9));
        assert_eq!(clock.now(), Some(Time::from_ms(-5)));
    }
}
