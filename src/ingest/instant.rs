//! RFC 3339 times, read fast.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::Time;

/// 2000-01-01T00:00:00Z: no clock in the field is right before it.
const YEAR_2000: Time = Time::from_ms(946_684_800_000);
/// How far a clock in the field may be ahead of ours.
const AHEAD_MS: i64 = 5 * 60_000;

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
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Instant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time with an offset")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
        match plain(text.as_bytes()) {
            Some(at) => Ok(Instant(at)),
            None => text.parse().map(Instant).map_err(E::custom),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text)
    }
}

/// A time in the form nearly all are sent in, `YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)`
/// from 2000 on; `None` says only that it must be read the long way.
fn plain(text: &[u8]) -> Option<Time> {
    let (head, mut tail) = text.split_at_checked(19)?;
    let separated = [head[4], head[7], head[10], head[13], head[16]] == *b"--T::";
    let year = two(head, 0)? * 100 + two(head, 2)?;
    let (month, day) = (two(head, 5)?, two(head, 8)?);
    let (hour, minute, second) = (two(head, 11)?, two(head, 14)?, two(head, 17)?);
    let dated = year >= 2000 && (1..=12).contains(&month) && day >= 1;
    let exists = day <= 28 || day <= days_in(year, month);
    if !(separated && dated && exists && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    let mut ms = 0;
    if let Some(rest) = tail.strip_prefix(b".") {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let digit = |at: usize| if at < digits { i64::from(rest[at] - b'0') } else { 0 };
        ms = digit(0) * 100 + digit(1) * 10 + digit(2);
        tail = &rest[digits..];
    }
    let offset_minutes = match *tail {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (two(tail, 1)?, two(tail, 4)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            if sign == b'+' { hours * 60 + minutes } else { -(hours * 60 + minutes) }
        }
        _ => return None,
    };
    let minutes = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    Some(Time::from_ms((minutes * 60 + second) * 1_000 + ms))
}

/// The number of two digits.
fn two(text: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, counted in years that begin with March, so
/// that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_month = (153 * month + 2) / 5;
    let days_before_year = year * 365 + year / 4 - year / 100 + year / 400;
    days_before_year + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Time> {
        plain(text.as_bytes())
    }

    #[test]
    fn the_short_way_reads_what_is_sent() {
        for text in [
            "2026-03-01T08:00:00.250+08:00",
            "2024-02-29T23:59:59Z",
            "2000-01-01T00:00:00.123456789-05:30",
            "2026-12-31T00:00:00.5+00:00",
        ] {
            assert_eq!(read(text), text.parse().ok(), "{text}");
            assert!(read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_clock_far_off_is_refused() {
        let now: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        assert!(Instant(now + AHEAD_MS).check(now).is_ok());
        assert!(Instant(now + (AHEAD_MS + 1)).check(now).is_err());
        assert!(Instant(YEAR_2000).check(now).is_ok());
        assert!(Instant(YEAR_2000 - 1).check(now).is_err());
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_long_way(
            ms in 946_684_800_000_i64..4_102_444_800_000,
            offset in -1439_i64..1440,
            digits in 0_usize..=9,
        ) {
            let local = Time::from_ms(ms + offset * 60_000).to_string();
            let (seconds, fraction) = local.trim_end_matches('Z').split_once('.').unwrap();
            let fraction = format!("{fraction}456789");
            let mut text = seconds.to_owned();
            if digits > 0 {
                text += ".";
                text += &fraction[..digits];
            }
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            let text = format!("{text}{sign}{hours:02}:{minutes:02}");
            if *text >= *"2000" {
                prop_assert_eq!(read(&text), text.parse().ok());
            }
        }

        #[test]
        fn what_the_short_way_reads_the_long_way_reads_alike(
            text in "(19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\
                     (\\.[0-9]{0,10})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?",
        ) {
            if let Some(at) = read(&text) {
                prop_assert_eq!(Some(at), text.parse().ok());
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = plain(&text);
        }
    }
}
