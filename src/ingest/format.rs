//! From a body to its items.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::text::bytes_without_mark;

use super::error::IngestError;

/// How a sender says its items stand in the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One object, or an array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// It does not say: the first byte does.
    #[default]
    Unsaid,
}

impl Format {
    /// As a `Content-Type` says it.
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Self {
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines" => Self::Ndjson,
            _ => Self::Unsaid,
        }
    }
}

/// The items of a body, each the text of what should be one JSON object; at most
/// `most`. Blank lines are no items.
pub fn split(body: &[u8], format: Format, most: usize) -> Result<Vec<&[u8]>, IngestError> {
    if body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff") {
        return Err(IngestError::Syntax("it is UTF-16, and must be UTF-8".to_owned()));
    }
    let body = bytes_without_mark(body.trim_ascii()).trim_ascii();
    match (format, body.first()) {
        (_, None) => Err(IngestError::Empty),
        (Format::Ndjson, _) => lines(body, most),
        (_, Some(b'[')) => array(body, most),
        (Format::Json, Some(b'{')) => match serde_json::from_slice::<&RawValue>(body) {
            Ok(_) => Ok(vec![body]),
            Err(why) => Err(IngestError::Syntax(why.to_string())),
        },
        (Format::Unsaid, Some(b'{')) => match serde_json::from_slice::<&RawValue>(body) {
            Ok(_) => Ok(vec![body]),
            Err(_) => lines(body, most),
        },
        (_, Some(_)) => Err(IngestError::NoItems),
    }
}

fn lines(body: &[u8], most: usize) -> Result<Vec<&[u8]>, IngestError> {
    let mut items = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        // Files with a mark may have been put one behind the other.
        let line = bytes_without_mark(body[start..end].trim_ascii()).trim_ascii();
        start = end + 1;
        if line.is_empty() {
            continue;
        }
        if items.len() == most {
            return Err(IngestError::TooMany { most });
        }
        items.push(line);
    }
    Ok(items)
}

fn array(body: &[u8], most: usize) -> Result<Vec<&[u8]>, IngestError> {
    let over = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Elements { most, over: &over }.deserialize(&mut reader);
    let ended = read.and_then(|items| reader.end().map(|()| items));
    ended.map_err(|why| {
        if over.get() {
            IngestError::TooMany { most }
        } else {
            IngestError::Syntax(why.to_string())
        }
    })
}

/// Reads the elements of an array, and stops at one too many.
struct Elements<'c> {
    most: usize,
    over: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = Vec<&'de [u8]>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = Vec<&'de [u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element::<&'de RawValue>()? {
            if items.len() == self.most {
                self.over.set(true);
                return Err(A::Error::custom("too many elements"));
            }
            items.push(item.get().as_bytes());
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(body: &str, format: Format) -> Result<Vec<&str>, IngestError> {
        let items = split(body.as_bytes(), format, 3)?;
        Ok(items.into_iter().map(|item| std::str::from_utf8(item).unwrap()).collect())
    }

    #[test]
    fn one_object_an_array_and_lines_are_told_apart() {
        for format in [Format::Json, Format::Unsaid] {
            assert_eq!(items("{\n\"a\":1\n}\n", format).unwrap(), ["{\n\"a\":1\n}"]);
            assert_eq!(items(" [{}, 7 ,\"x\"]", format).unwrap(), ["{}", "7", "\"x\""]);
            assert_eq!(items("[]", format).unwrap(), [""; 0]);
            assert_eq!(items(" \n", format), Err(IngestError::Empty));
            assert_eq!(items("7", format), Err(IngestError::NoItems));
        }
        for format in [Format::Ndjson, Format::Unsaid] {
            assert_eq!(items("{}\r\n\n{broken\n{}", format).unwrap(), ["{}", "{broken", "{}"]);
        }
    }

    #[test]
    fn a_body_whose_items_cannot_be_told_apart_is_refused() {
        for body in ["[{}", "[{},]", "[{}]x", "{}{}"] {
            assert!(matches!(items(body, Format::Json), Err(IngestError::Syntax(_))), "{body}");
        }
    }

    #[test]
    fn more_items_than_allowed_are_too_many() {
        assert_eq!(items("[1,2,3]", Format::Json).unwrap().len(), 3);
        assert_eq!(items("[1,2,3,4]", Format::Json), Err(IngestError::TooMany { most: 3 }));
        assert_eq!(items("1\n2\n3\n", Format::Ndjson).unwrap().len(), 3);
        assert_eq!(items("1\n2\n3\n4", Format::Ndjson), Err(IngestError::TooMany { most: 3 }));
    }

    #[test]
    fn the_content_type_says_the_format() {
        assert_eq!(Format::of(Some("Application/JSON; charset=utf-8")), Format::Json);
        assert_eq!(Format::of(Some("application/x-ndjson")), Format::Ndjson);
        assert_eq!(Format::of(Some("application/x-www-form-urlencoded")), Format::Unsaid);
        assert_eq!(Format::of(None), Format::Unsaid);
    }
}
