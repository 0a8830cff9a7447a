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

/// A division code: six digits after GB/T 2260, nine for a township
/// (GB/T 10114); the first digit is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u32);

/// A text that is no division code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a code of six or nine digits")]
pub struct InvalidCode(String);

impl Code {
    /// From the digits read as one number.
    pub fn from_number(digits: u32) -> Result<Self, InvalidCode> {
        match digits {
            100_000..=999_999 | 100_000_000..=999_999_999 => Ok(Self(digits)),
            _ => Err(InvalidCode(digits.to_string())),
        }
    }

    /// The digits read as one number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Code {
    type Err = InvalidCode;
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let invalid = || InvalidCode(text.to_owned());
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        text.parse().ok().and_then(|digits| Self::from_number(digits).ok()).ok_or_else(invalid)
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
    fn a_code_has_six_or_nine_digits() {
        assert_eq!("310118".parse::<Code>().unwrap().to_string(), "310118");
        assert_eq!("310118102".parse::<Code>().unwrap().number(), 310_118_102);
        for bad in ["", "31", "031118", "+10118", "3101181", "青浦"] {
            assert!(bad.parse::<Code>().is_err(), "{bad}");
        }
    }
}
