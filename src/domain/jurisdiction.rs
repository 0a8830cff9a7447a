//! Administrative divisions, by GB/T 2260.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// The level of a jurisdiction, the widest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 省级
    Province,
    /// 地级
    City,
    /// 县级
    County,
    /// 乡级
    Township,
}

impl Level {
    /// Every level, the widest first.
    pub const ALL: [Self; 4] = [Self::Province, Self::City, Self::County, Self::Township];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        })
    }
}

/// A division code, kept as one number below 2³¹:
///
/// - six to nine digits that do not begin with 0: themselves (GB/T 2260 has six,
///   GB/T 10114 nine for a township);
/// - one to five capital letters and digits (NUTS, FIPS): from [`SHORT`] on, in base 37;
/// - two letters, a hyphen, and one to three capital letters and digits (ISO 3166-2):
///   from [`PARTED`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u32);

/// Codes of letters and digits, and those of two parts, begin at these numbers.
const SHORT: u32 = 1_000_000_000;
const PARTED: u32 = 1_100_000_000;
/// No sign, ten digits, 26 letters.
const SIGNS: u32 = 37;
/// Of the signs behind the hyphen.
const TAIL: u32 = SIGNS * SIGNS * SIGNS;

/// A text that is no division code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a code: six to nine digits (GB/T 2260), one to five capital letters and \
     digits (NUTS, FIPS), or such as CN-31 (ISO 3166-2)"
)]
pub struct InvalidCode(String);

impl Code {
    /// From its number.
    pub fn from_number(number: u32) -> Result<Self, InvalidCode> {
        let code = Self(number);
        let known = (100_000..SHORT).contains(&number) || Self::coded(&code.text()) == Some(code);
        if known { Ok(code) } else { Err(InvalidCode(number.to_string())) }
    }

    /// Its number; of a code of six to nine digits they themselves.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// What is written with letters, or in few signs.
    fn coded(text: &str) -> Option<Self> {
        match text.split_once('-') {
            None => signs(text, 5).map(|number| Self(SHORT + number)),
            Some((head, tail)) => {
                let [first, second] = *head.as_bytes() else { return None };
                let letter = |c: u8| c.is_ascii_uppercase().then(|| u32::from(c - b'A'));
                let head = letter(first)? * 26 + letter(second)?;
                Some(Self(PARTED + head * TAIL + signs(tail, 3)?))
            }
        }
    }

    fn text(self) -> String {
        let mut text = String::new();
        match self.0 {
            PARTED.. => {
                let (head, tail) = ((self.0 - PARTED) / TAIL, (self.0 - PARTED) % TAIL);
                text.extend([head / 26, head % 26].map(|letter| sign(letter + 11)));
                text.push('-');
                put_signs(tail, 3, &mut text);
            }
            SHORT.. => put_signs(self.0 - SHORT, 5, &mut text),
            number => text = number.to_string(),
        }
        text
    }
}

/// Up to `most` signs as a number in base 37, filled up at the end.
fn signs(text: &str, most: usize) -> Option<u32> {
    if text.is_empty() || text.len() > most {
        return None;
    }
    let value = |c: u8| match c {
        b'0'..=b'9' => Some(u32::from(c - b'0') + 1),
        b'A'..=b'Z' => Some(u32::from(c - b'A') + 11),
        _ => None,
    };
    let number = text.bytes().try_fold(0, |number, c| Some(number * SIGNS + value(c)?))?;
    (text.len()..most).try_fold(number, |number, _| number.checked_mul(SIGNS))
}

fn put_signs(number: u32, most: u32, text: &mut String) {
    let signs = (0..most).rev().map(|place| number / SIGNS.pow(place) % SIGNS);
    text.extend(signs.filter(|&value| value > 0).map(sign));
}

/// The sign of a value from 1 on; letters begin at 11, and none is beyond Z.
fn sign(value: u32) -> char {
    let digit = char::from_digit(value.saturating_sub(1), 36);
    digit.map_or('?', |digit| digit.to_ascii_uppercase())
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < SHORT { self.0.fmt(f) } else { f.pad(&self.text()) }
    }
}

impl FromStr for Code {
    type Err = InvalidCode;
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let found = if digits && (6..=9).contains(&text.len()) && !text.starts_with('0') {
            text.parse().ok().map(Self)
        } else {
            Self::coded(text)
        };
        found.ok_or_else(|| InvalidCode(text.chars().take(40).collect()))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_u32(self.0) }
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            String::deserialize(from)?.parse().map_err(de::Error::custom)
        } else {
            Self::from_number(u32::deserialize(from)?).map_err(de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_several_norms_are_kept_as_numbers_that_every_store_holds() {
        assert_eq!("310118".parse::<Code>().unwrap().number(), 310_118);
        assert_eq!("310118102".parse::<Code>().unwrap().number(), 310_118_102);
        // GB/T 2260, GB/T 10114, AGS, FIPS, NUTS, ISO 3166-2.
        let mut seen = std::collections::BTreeSet::new();
        for text in [
            "100000",
            "999999",
            "310118102",
            "999999999",
            "1234567",
            "13076088",
            "06037",
            "6037",
            "06",
            "6",
            "0",
            "00",
            "00000",
            "99999",
            "DE",
            "DE212",
            "ZZZZZ",
            "A",
            "A0",
            "0A",
            "CN-31",
            "US-CA",
            "GB-ENG",
            "AA-0",
            "AA-00",
            "ZZ-ZZZ",
            "FR-2A",
        ] {
            let code: Code = text.parse().unwrap();
            assert_eq!(code.to_string(), text);
            assert_eq!(Code::from_number(code.number()), Ok(code), "{text}");
            assert!(i32::try_from(code.number()).is_ok(), "{text}: {}", code.number());
            assert!(seen.insert(code), "{text}");
            let bytes = postcard::to_stdvec(&code).unwrap();
            assert_eq!(postcard::from_bytes::<Code>(&bytes), Ok(code));
        }
        for bad in [
            "",
            "031118",
            "+10118",
            "青浦",
            "de212",
            "DE2123",
            "0603712345",
            "1234567890",
            "CN-",
            "-31",
            "C-31",
            "CN-3111",
            "cn-31",
            "CN31-1",
            "CN-3-1",
            "31 0",
            "31011８",
        ] {
            assert!(bad.parse::<Code>().is_err(), "{bad}");
        }
        for bad in [
            0,
            99_999,
            1_000_000_000,
            1_000_000_001,
            1_069_343_957,
            1_099_999_999,
            1_100_000_000,
            1_100_000_001,
            1_134_241_428,
            u32::MAX,
        ] {
            assert!(Code::from_number(bad).is_err(), "{bad}");
        }
    }
}
