//! Whole numbers as JSON and TOML have them: `3.0` is 3.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// 2^63, from which on no float is an `i64`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// A whole number that was sent: JSON knows one kind of number (RFC 8259, 6), and many
/// programs write `3.0` for 3. What is too great is held at the bound: whoever
/// has bounds of their own says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(pub i64);

impl Whole {
    /// The number, if it is within bounds; or what is wrong with it.
    pub fn within<T>(self, least: T, most: T) -> Result<T, String>
    where
        T: Copy + fmt::Display + TryFrom<i64> + PartialOrd,
    {
        let found = T::try_from(self.0).ok().filter(|it| (least..=most).contains(it));
        found.ok_or_else(|| format!("{self} is not within {least} to {most}"))
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            i64::MAX => f.write_str("a number of more than 18 digits"),
            i64::MIN => f.write_str("a number of less than minus 18 digits"),
            number => number.fmt(f),
        }
    }
}

/// For `#[serde(deserialize_with)]`: an integer that may be written `3.0`.
///
/// # Errors
/// When it is no number, has a fraction, or is beyond the integer's kind.
pub fn integer<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let Whole(number) = Whole::deserialize(from)?;
    let bound = if number < 0 { "a whole number from 0 on" } else { "a smaller whole number" };
    T::try_from(number)
        .map_err(|_beyond| D::Error::invalid_value(Unexpected::Signed(number), &bound))
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        if !number.is_finite() || number.fract() != 0.0 {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within")]
        let whole = if number >= BEYOND { i64::MAX } else { number.max(-BEYOND) as i64 };
        Ok(Whole(whole))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<i64, String> {
        serde_json::from_str(text).map(|Whole(number)| number).map_err(|why| why.to_string())
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_or_power() {
        for (text, number) in [
            ("3", 3),
            ("3.0", 3),
            ("1e2", 100),
            ("-0.0", 0),
            ("-2.00", -2),
            ("300e-2", 3),
            ("99999999999999999999", i64::MAX),
            ("18446744073709551615", i64::MAX),
            ("-1e300", i64::MIN),
        ] {
            assert_eq!(read(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for (text, why) in [
            ("3.5", "invalid value: floating point `3.5`, expected a whole number"),
            ("\"3\"", "invalid type: string \"3\", expected a whole number"),
            ("null", "invalid type: null, expected a whole number"),
            ("[3]", "invalid type: sequence, expected a whole number"),
            ("1e400", "number out of range"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.starts_with(why), "{text}: {told}");
        }
    }

    #[test]
    fn bounds_are_told_as_they_are() {
        assert_eq!(Whole(3).within(1_u8, 4), Ok(3));
        assert_eq!(Whole(300).within(1_u8, 4).unwrap_err(), "300 is not within 1 to 4");
        assert_eq!(Whole(-1).within(1_u8, 4).unwrap_err(), "-1 is not within 1 to 4");
        let huge = "a number of more than 18 digits is not within 1 to 4";
        assert_eq!(Whole(i64::MAX).within(1_u8, 4).unwrap_err(), huge);
    }
}
