//! Fields that several kinds of item share.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

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

impl Text<'_> {
    /// The text, if it is no longer than `most` characters and has no control
    /// characters but, where `lines` are allowed, those that part them.
    pub fn bounded(&self, field: &'static str, most: usize, lines: bool) -> Result<&str, Flaw> {
        // Bytes are at least as many as characters.
        if self.0.len() > most && self.0.chars().count() > most {
            return Err(Flaw::of(field, format!("longer than {most} characters")));
        }
        let parts = |c: char| lines && matches!(c, '\n' | '\r' | '\t');
        if self.0.chars().any(|c| c.is_control() && !parts(c)) {
            return Err(Flaw::of(field, "has a control character"));
        }
        Ok(&self.0)
    }
}

/// A key or name: there, not blank, on one line, of at most `most` characters.
pub fn name<'a>(
    field: &'static str,
    text: Option<&'a Text<'_>>,
    most: usize,
) -> Result<&'a str, Flaw> {
    let text = needed(field, text)?.bounded(field, most, false)?;
    if text.trim().is_empty() { Err(Flaw::of(field, "empty")) } else { Ok(text) }
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
