//! RFC 3339 times, and nothing else.
//!
//! `YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)`: `T` and `Z` may be small, and a blank may
//! stand for `T` (RFC 3339, 5.6); `-00:00` is UTC (4.3). A fraction may have any number
//! of digits, and is cut to milliseconds.
//!
//! The second 60 is taken where UTC can have one: at 23:59:60Z on the last day of June
//! or December (ITU-R TF.460), written with any offset. A millisecond count has no room
//! for it, so that second becomes the last hundredth of the second before: 60.0 is
//! 59.990 and 60.9 is 59.999. Fixes of a receiver that takes up to ten a second so keep
//! their order and stay apart.

use super::Time;

/// 0000-01-01T00:00:00Z and the last instant that can be written in any offset.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_207_200_999;
/// The first of July 1972, before which UTC had no leap second.
const FIRST_LEAP_MS: i64 = 78_796_800_000;
const MINUTE_MS: i64 = 60_000;

/// Reads a time; or says why it is none.
pub fn parse(text: &str) -> Result<Time, &'static str> {
    let (head, tail) = text.as_bytes().split_at_checked(19).ok_or_else(|| shorter(text))?;
    let (year, month, day) = date(head)?;
    if !matches!(head[10], b'T' | b't' | b' ') {
        return Err("between date and time there is no T");
    }
    if [head[13], head[16]] != *b"::" {
        return Err("the time is not written hh:mm:ss");
    }
    let number = |at| two(head, at).ok_or("the time is not written hh:mm:ss");
    let (hour, minute, second) = (number(11)?, number(14)?, number(17)?);
    if hour == 24 {
        return Err("24 is no hour: midnight is 00:00:00 of the next day");
    }
    if hour > 23 || minute > 59 || second > 60 {
        return Err("there is no such time of day");
    }
    let (ms, tail) = fraction(tail)?;
    let minutes = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset(tail)?;
    let minute_ms = minutes * MINUTE_MS;
    let at = if second < 60 {
        minute_ms + second * 1_000 + ms
    } else if may_leap(minute_ms + MINUTE_MS) {
        minute_ms + 59_990 + ms / 100
    } else {
        return Err("a second 60 is only at the end of June or December, 23:59:60 UTC");
    };
    if (FIRST_MS..=LAST_MS).contains(&at) {
        Ok(Time::from_ms(at))
    } else {
        Err("in UTC it is not within the years 0 to 9999")
    }
}

/// What is wrong with a text that is shorter than any time.
fn shorter(text: &str) -> &'static str {
    if text.len() == 10 && date(text.as_bytes()).is_ok() {
        "it is a date without a time"
    } else {
        "it is not written YYYY-MM-DDThh:mm:ssZ"
    }
}

fn date(text: &[u8]) -> Result<(i64, i64, i64), &'static str> {
    const FORM: &str = "the date is not written YYYY-MM-DD";
    if [text[4], text[7]] != *b"--" {
        return Err(FORM);
    }
    let number = |at| two(text, at).ok_or(FORM);
    let (year, month, day) = (number(0)? * 100 + number(2)?, number(5)?, number(8)?);
    let exists = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if exists { Ok((year, month, day)) } else { Err("there is no such day") }
}

/// Milliseconds of a fraction, if there is one, and what comes after it.
fn fraction(tail: &[u8]) -> Result<(i64, &[u8]), &'static str> {
    let Some(rest) = tail.strip_prefix(b".") else { return Ok((0, tail)) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return Err("there is no digit behind the point of the seconds");
    }
    let digit = |at: usize| if at < digits { i64::from(rest[at] - b'0') } else { 0 };
    Ok((digit(0) * 100 + digit(1) * 10 + digit(2), &rest[digits..]))
}

/// Minutes that the local time is ahead of UTC.
fn offset(text: &[u8]) -> Result<i64, &'static str> {
    match *text {
        [b'Z' | b'z'] => Ok(0),
        [] => Err("it has no offset: Z, or such as +08:00"),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => match (two(text, 1), two(text, 4)) {
            (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => {
                let ahead = hours * 60 + minutes;
                Ok(if sign == b'+' { ahead } else { -ahead })
            }
            _ => Err("there is no such offset"),
        },
        [b',', ..] => Err("the fraction of the seconds is behind a comma, not a point"),
        _ => Err("behind the seconds there is no offset such as Z or +08:00"),
    }
}

/// Whether the minute that ends here can have a 61st second.
fn may_leap(end_ms: i64) -> bool {
    let day_ms = 24 * 60 * MINUTE_MS;
    let first_of = |month: i64| {
        // About which year it is, and the one after.
        let year = 1970 + end_ms / (366 * day_ms);
        (year..year + 3).any(|year| days_since_1970(year, month, 1) * day_ms == end_ms)
    };
    end_ms >= FIRST_LEAP_MS && end_ms % day_ms == 0 && (first_of(1) || first_of(7))
}

/// The number of two digits.
fn two(text: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, counted in years that begin with March, so
/// that the leap day is the last of its year.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_month = (153 * month + 2) / 5;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> String {
        parse(text).map_or_else(str::to_owned, |at| at.to_string())
    }

    #[test]
    fn what_rfc_3339_allows_is_read() {
        for (text, at) in [
            ("2026-03-01T08:00:00.250+08:00", "2026-03-01T00:00:00.250Z"),
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"),
            ("2026-12-31t00:00:00.5z", "2026-12-31T00:00:00.500Z"),
            ("2026-12-31 00:00:00Z", "2026-12-31T00:00:00.000Z"),
            ("2026-12-31T00:00:00-00:00", "2026-12-31T00:00:00.000Z"),
            (
                "2000-01-01T00:00:00.123456789012345678901234567890-05:30",
                "2000-01-01T05:30:00.123Z",
            ),
            ("2026-12-31T00:00:00.9999999Z", "2026-12-31T00:00:00.999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00.000Z"),
            ("2026-12-31T00:00:00+23:59", "2026-12-30T00:01:00.000Z"),
        ] {
            assert_eq!(told(text), at, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, why) in [
            ("", "it is not written YYYY-MM-DDThh:mm:ssZ"),
            ("yesterday", "it is not written YYYY-MM-DDThh:mm:ssZ"),
            ("2026-12-31", "it is a date without a time"),
            ("20261231T000000Z", "it is not written YYYY-MM-DDThh:mm:ssZ"),
            ("2026-12-31T00:00Z", "it is not written YYYY-MM-DDThh:mm:ssZ"),
            ("2026-12-31T00:00:00", "it has no offset: Z, or such as +08:00"),
            (
                "2026-12-31T00:00:00,5Z",
                "the fraction of the seconds is behind a comma, not a point",
            ),
            ("2026-12-31T00:00:00.Z", "there is no digit behind the point of the seconds"),
            ("2026-12-31T00:00:00+08", "behind the seconds there is no offset such as Z or +08:00"),
            (
                "2026-12-31T00:00:00+0800",
                "behind the seconds there is no offset such as Z or +08:00",
            ),
            ("2026-12-31T00:00:00+24:00", "there is no such offset"),
            ("2026-12-31T00:00:00+08:60", "there is no such offset"),
            (
                "2026-12-31T00:00:00+08:00[Asia/Shanghai]",
                "behind the seconds there is no offset such as Z or +08:00",
            ),
            ("2026-12-31T00:00:00Z ", "behind the seconds there is no offset such as Z or +08:00"),
            ("2026-12-31T24:00:00Z", "24 is no hour: midnight is 00:00:00 of the next day"),
            ("2026-12-31T25:00:00Z", "there is no such time of day"),
            ("2026-12-31T00:60:00Z", "there is no such time of day"),
            ("2026-12-31T00:00:61Z", "there is no such time of day"),
            ("2026-12-31_00:00:00Z", "between date and time there is no T"),
            ("2026/12/31T00:00:00Z", "the date is not written YYYY-MM-DD"),
            ("+02026-12-31T00:00:00Z", "the date is not written YYYY-MM-DD"),
            ("２０２６-12-31T00:00:00Z", "the date is not written YYYY-MM-DD"),
            ("2026-02-29T00:00:00Z", "there is no such day"),
            ("2026-13-01T00:00:00Z", "there is no such day"),
            ("2026-00-10T00:00:00Z", "there is no such day"),
            ("2026-01-00T00:00:00Z", "there is no such day"),
            ("0000-01-01T00:00:00+00:01", "in UTC it is not within the years 0 to 9999"),
            ("9999-12-31T23:59:59Z", "in UTC it is not within the years 0 to 9999"),
        ] {
            assert_eq!(told(text), why, "{text}");
        }
    }

    #[test]
    fn a_leap_second_is_apart_from_its_neighbours_wherever_it_is_written() {
        for texts in [
            ["2026-06-30T23:59:59Z", "2026-06-30T23:59:60Z", "2026-07-01T00:00:00Z"],
            ["2017-01-01T07:59:59+08:00", "2017-01-01T07:59:60+08:00", "2017-01-01T08:00:00+08:00"],
            ["2016-12-31T16:59:59-07:00", "2016-12-31T16:59:60-07:00", "2016-12-31T17:00:00-07:00"],
            [
                "2026-07-01T05:29:59.9+05:30",
                "2026-07-01T05:29:60.0+05:30",
                "2026-07-01T05:29:60.1+05:30",
            ],
            ["1972-06-30T23:59:59.9Z", "1972-06-30T23:59:60.9Z", "1972-07-01T00:00:00Z"],
        ] {
            let [before, leap, after] = texts.map(|text| parse(text).unwrap());
            assert!(before < leap && leap < after, "{texts:?}");
        }
        assert_eq!(told("2026-12-31T23:59:60.5Z"), "2026-12-31T23:59:59.995Z");
    }

    #[test]
    fn a_second_60_elsewhere_is_refused() {
        for text in [
            "2026-06-30T23:58:60Z",
            "2026-06-30T22:59:60Z",
            "2026-06-29T23:59:60Z",
            "2026-03-31T23:59:60Z",
            "2026-07-01T07:59:60+07:00",
            "2026-06-30T23:59:60+08:00",
            "1971-12-31T23:59:60Z",
            "1972-01-01T00:00:60Z",
        ] {
            assert!(told(text).starts_with("a second 60 is only"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_library_where_both_read(
            text in "(00|19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-5][0-9]\
                     (\\.[0-9]{1,3})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])",
        ) {
            let library = text.parse::<Timestamp>().ok().map(Time::from);
            if let Ok(at) = parse(&text) {
                prop_assert_eq!(Some(at), library);
            }
        }

        #[test]
        fn what_is_written_is_read_again(ms in FIRST_MS..=LAST_MS) {
            let at = Time::from_ms(ms);
            prop_assert_eq!(parse(&at.to_string()), Ok(at));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
