//! How entries hang together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::Time;

use super::super::hex;
use super::Entry;

/// A link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link([u8; 32]);

/// A text that is no link: not 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hex digits")]
pub struct InvalidLink;

impl Link {
    /// Before the first entry.
    pub const START: Self = Self([0; 32]);

    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The link of an entry's line after this one.
    #[must_use]
    pub fn then(&self, line: &str) -> Self {
        let hash = Sha256::new().chain_update(format!("{self}\n")).chain_update(line);
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Link {
    type Err = InvalidLink;
    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        hex::decode(text).map(Self).ok_or(InvalidLink)
    }
}

/// From one time on, before another; what is not named bounds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// From this time on.
    pub from: Option<Time>,
    /// Before this time.
    pub to: Option<Time>,
}

impl Period {
    /// Whether a time is within it.
    #[must_use]
    pub fn holds(self, at: Time) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// An entry as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its number, from 1.
    pub number: u64,
    /// Its line of JSON.
    pub line: String,
    /// Its link.
    pub link: Link,
}

/// An entry with its number, as its line has it.
#[derive(Debug, Serialize, Deserialize)]
struct Numbered<E> {
    number: u64,
    #[serde(flatten)]
    entry: E,
}

impl Record {
    /// An entry after a record; after none, the first.
    #[must_use]
    pub fn after(last: Option<(u64, Link)>, entry: &Entry) -> Self {
        let (before, start) = last.unwrap_or((0, Link::START));
        let number = before + 1;
        // Texts and numbers: encoding them cannot fail.
        let text = serde_json::to_string(&Numbered { number, entry }).unwrap_or_default();
        Self { number, link: start.then(&text), line: text }
    }

    /// It as it is taken out: one line of JSON, with its link.
    #[must_use]
    pub fn exported(&self) -> String {
        format!(r#"{{"link":"{}","entry":{}}}"#, self.link, self.line)
    }

    /// From how it was taken out; `None` if it does not read so.
    #[must_use]
    pub fn from_exported(text: &str) -> Option<Self> {
        let (hash, rest) = text.strip_prefix(r#"{"link":""#)?.split_at_checked(64)?;
        let line = rest.strip_prefix(r#"","entry":"#)?.strip_suffix('}')?;
        let read: Numbered<Entry> = serde_json::from_str(line).ok()?;
        Some(Self { number: read.number, line: line.to_owned(), link: hash.parse().ok()? })
    }

    /// The entry; `None` if its line cannot be read.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        let read: Numbered<Entry> = serde_json::from_str(&self.line).ok()?;
        (read.number == self.number).then_some(read.entry)
    }
}

/// Why a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing or stands elsewhere.
    #[error("entry {found} stands where entry {expected} should: one was removed or moved")]
    Number {
        /// The number that should come next.
        expected: u64,
        /// What comes.
        found: u64,
    },
    /// The line says another number.
    #[error("entry {0} is not of that number by its own line: it was changed or moved")]
    Line(u64),
    /// The hash is not that of the line after the hash before it.
    #[error("entry {0} was changed, or one before it was: its hash is not that of its line")]
    Hash(u64),
}

/// Follows a chain from its start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain {
    last: Option<(u64, Link)>,
}

impl Chain {
    /// Takes the next record.
    ///
    /// # Errors
    /// When it does not follow from those before it.
    pub fn follow(&mut self, record: &Record) -> Result<(), Broken> {
        let (last, link) = self.last.unwrap_or((0, Link::START));
        if record.number != last + 1 {
            return Err(Broken::Number { expected: last + 1, found: record.number });
        }
        if record.entry().is_none() {
            return Err(Broken::Line(record.number));
        }
        if link.then(&record.line) != record.link {
            return Err(Broken::Hash(record.number));
        }
        self.last = Some((record.number, record.link));
        Ok(())
    }

    /// The newest record followed.
    #[must_use]
    pub const fn head(&self) -> Option<(u64, Link)> {
        self.last
    }
}
