//! Fields that several kinds of item share.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::domain::text;

use super::read::{Flaw, needed};

/// A text, borrowed from the body unless it has escapes.
#[derive(Clone, Debug)]
pub struct Text<'a>(pub Cow<'a, str>);

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Reader)
    }
}

/// A key of the sender's: there, of one line, of at most `most` characters.
pub fn key<'a>(
    field: &'static str,
    sent: Option<&'a Text<'_>>,
    most: usize,
) -> Result<&'a str, Flaw> {
    text::key(&needed(field, sent)?.0, most).map_err(|why| Flaw::of(field, why.to_string()))
}

/// Text that may have lines, of at most `most` characters.
pub fn prose<'a>(field: &'static str, sent: &'a Text<'_>, most: usize) -> Result<&'a str, Flaw> {
    text::prose(&sent.0, most).map_err(|why| Flaw::of(field, why.to_string()))
}

/// A measurement within bounds, if there is one.
pub fn measured(
    field: &'static str,
    value: Option<f32>,
    bounds: RangeInclusive<f32>,
) -> Result<Option<f32>, Flaw> {
    match value {
        Some(value) if !bounds.contains(&value) => {
            let (least, most) = (bounds.start(), bounds.end());
            Err(Flaw::of(field, format!("{value} is not within {least} to {most}")))
        }
        value => Ok(value),
    }
}
