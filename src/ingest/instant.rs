//! Times as devices and other systems send them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::{Time, rfc3339};

/// 2000-01-01T00:00:00Z: no clock in the field is right before it.
const YEAR_2000: Time = Time::from_ms(946_684_800_000);
/// How far a clock in the field may be ahead of ours.
const AHEAD_MS: i64 = 5 * 60_000;
const DAY_MS: i64 = 86_400_000;
/// A GPS receiver counts weeks in ten bits: one that counts from a wrong start tells a
/// time that is off by a multiple of 1024 weeks (IS-GPS-200, 20.3.3.3.1.1).
const ROLLOVER_MS: i64 = 1_024 * 7 * DAY_MS;
/// How old a fix of such a receiver may be besides.
const ROLLOVER_SLACK_MS: i64 = 30 * DAY_MS;

/// A time as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Instant(Time);

impl Instant {
    /// The time, if no clock that is right could be so far off.
    pub fn check(self, now: Time) -> Result<Time, &'static str> {
        if self.0 < YEAR_2000 {
            return Err("before 2000");
        }
        if self.0 > now + AHEAD_MS {
            return Err("more than 5 min ahead of the server's clock");
        }
        Ok(self.0)
    }

    /// The same, of a receiver's clock.
    pub fn check_fix(self, now: Time) -> Result<Time, &'static str> {
        if rolled_over(self.0, now) {
            return Err("off by a multiple of 1024 weeks: it looks like a GPS week rollover; \
                        the receiver needs its manufacturer's update");
        }
        self.check(now)
    }
}

/// Whether a time is about a multiple of 1024 weeks from now.
fn rolled_over(at: Time, now: Time) -> bool {
    let off = now - at;
    let weeks = (off + ROLLOVER_MS / 2).div_euclid(ROLLOVER_MS) * ROLLOVER_MS;
    weeks != 0 && (off - weeks).abs() <= ROLLOVER_SLACK_MS
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Instant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time with an offset")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
        match rfc3339::parse(text) {
            Ok(at) => Ok(Instant(at)),
            Err(why) => Err(E::custom(format_args!("not an RFC 3339 time with an offset: {why}"))),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_far_off_is_refused() {
        let now: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        assert!(Instant(now + AHEAD_MS).check(now).is_ok());
        assert!(Instant(now + (AHEAD_MS + 1)).check(now).is_err());
        assert!(Instant(YEAR_2000).check(now).is_ok());
        assert!(Instant(YEAR_2000 - 1).check(now).is_err());
    }

    #[test]
    fn a_receiver_that_counts_weeks_from_a_wrong_start_is_told_so() {
        let now: Time = "2026-12-01T00:00:00Z".parse().unwrap();
        for days in [7_168, 7_168 + 3, 7_168 - 3, 2 * 7_168, 3 * 7_168, -7_168, 7_198] {
            let why = Instant(now - days * DAY_MS).check_fix(now).unwrap_err();
            assert!(why.contains("GPS week rollover"), "{days}: {why}");
        }
        for days in [0, 1, 31, 365, 7_168 - 31, 7_168 + 31] {
            assert!(Instant(now - days * DAY_MS).check_fix(now).is_ok(), "{days}");
        }
        // What happened so long ago may well be reported.
        assert!(Instant(now - 7_168 * DAY_MS).check(now).is_ok());
        assert_eq!(Instant(now - 10_000 * DAY_MS).check_fix(now), Err("before 2000"));
    }
}
