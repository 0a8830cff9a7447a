//! Why the machine's clock is not believed, in words for whoever runs it.

use std::fmt;

use crate::domain::Time;

/// The machine's clock has leapt, and nothing says yet that it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What the machine's clock shows.
    pub shown: Time,
    /// The time that goes on from before.
    pub now: Time,
}

/// Why the picture may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The machine's clock is doubted.
    Doubt(Doubt),
    /// It is believed, and the log ends later than it shows: it was written under a
    /// clock that was ahead.
    LogAhead {
        /// When the log ends.
        log: Time,
        /// The time.
        now: Time,
    },
}

impl Doubt {
    /// How far the machine's clock is ahead of the time that goes on, ms.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.shown - self.now
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, now } = self;
        let by = Span(self.ahead_ms());
        write!(
            f,
            "the machine's clock shows {shown}, {by} the time that goes on from the log, {now}: \
             it is not believed yet, what comes in is kept, and nothing is removed or ended by \
             it. If it is wrong, set it right; if it is right, say so: pilin clock confirm"
        )?;
        if self.ahead_ms() < 0 {
            f.write_str(" (and if the log ends in the future: pilin clock repair)")?;
        }
        Ok(())
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (log, now) = match self {
            Self::Doubt(doubt) => return doubt.fmt(f),
            Self::LogAhead { log, now } => (log, now),
        };
        let by = Span(*log - *now);
        write!(
            f,
            "the log ends at {log}, {by} the clock, {now}: it was written under a clock that was \
             ahead. What comes in is kept, but the picture is wrong until then: stop the \
             service, run pilin clock repair, and start it (a log of a simulation is served \
             with --clock driven)"
        )
    }
}

/// A span in ms, ahead or behind, as people say it.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.0 < 0 { "behind" } else { "ahead of" };
        let minutes = self.0.unsigned_abs() / 60_000;
        match minutes {
            0..120 => write!(f, "{minutes} min {side}"),
            120..2_880 => write!(f, "{} h {side}", minutes / 60),
            _ => write!(f, "{} days {side}", minutes / 1_440),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_and_what_to_do() {
        let at = Time::from_ms(1_772_323_200_000);
        let told = |ms| Doubt { shown: at + ms, now: at }.to_string();
        let ahead = told(8 * 3_600_000);
        assert!(ahead.contains("8 h ahead of the time that goes on"), "{ahead}");
        assert!(ahead.ends_with("pilin clock confirm"), "{ahead}");
        let behind = told(-6 * 60_000);
        assert!(behind.contains("6 min behind the time"), "{behind}");
        assert!(behind.contains("pilin clock repair"), "{behind}");
        let log = Warning::LogAhead { log: at + 400 * 86_400_000, now: at }.to_string();
        assert!(log.contains("400 days ahead of the clock"), "{log}");
    }
}
