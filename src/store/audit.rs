//! The audit log: who did what, in a chain that shows when it was tampered with.
//!
//! An entry is one line of JSON, its number in it. Its hash is SHA-256 over the
//! hash before it in hex, a newline, and that line; so an entry changed, removed
//! or put elsewhere breaks the chain. Who can write the whole table can make the
//! chain anew, or cut it short: against that the newest hash must be kept
//! elsewhere and found again.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::access::Viewer;
use crate::domain::{Code, Time};

use super::replies::RequestName;
use super::{Answer, hex};

/// The audit log of a store. It is only ever appended to: by [`Ledger::record`],
/// and by everything that takes an [`Entry`] and writes it in its own transaction.
pub trait Ledger: fmt::Debug + Send + Sync + 'static {
    /// Appends one entry.
    fn record(&self, entry: Entry) -> Answer<'_, ()>;

    /// Entries after a number, oldest first, at most so many.
    fn entries(&self, after: u64, most: u32) -> Answer<'_, Vec<Record>>;

    /// Entries before a number, newest first, at most so many.
    fn newest_entries(&self, before: u64, most: u32) -> Answer<'_, Vec<Record>>;
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Who {
    /// Whoever was at the machine, of a service without accounts.
    Open,
    /// A person's account.
    Person {
        /// Its number.
        account: u64,
        /// Its name.
        name: String,
        /// Its agency.
        agency: Code,
        /// Its role.
        role: String,
    },
    /// A device's token.
    Device {
        /// Its number.
        token: u64,
        /// Its name.
        name: String,
        /// Its agency.
        agency: Code,
    },
    /// Who runs the machine, at its command line.
    Operator {
        /// As the machine knows them.
        name: String,
    },
    /// Somebody who has not signed in.
    Nobody,
}

impl Who {
    /// What stays the same of who it was, with whatever they sign in.
    #[must_use]
    pub fn principal(&self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Person { account, .. } => format!("account {account}"),
            Self::Device { token, .. } => format!("token {token}"),
            Self::Operator { name } => format!("operator {name}"),
            Self::Nobody => "nobody".into(),
        }
    }

    /// The agency of who it was, if there is one.
    #[must_use]
    pub const fn agency(&self) -> Option<Code> {
        match self {
            Self::Person { agency, .. } | Self::Device { agency, .. } => Some(*agency),
            Self::Open | Self::Operator { .. } | Self::Nobody => None,
        }
    }
}

impl From<&Viewer> for Who {
    fn from(viewer: &Viewer) -> Self {
        match viewer {
            Viewer::Open => Self::Open,
            Viewer::Person(person) => Self::Person {
                account: person.account.0,
                name: (&*person.name).into(),
                agency: person.agency,
                role: person.role.to_string(),
            },
            Viewer::Device(device) => Self::Device {
                token: device.token.0,
                name: (&*device.name).into(),
                agency: device.agency,
            },
        }
    }
}

/// What came of a deed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and why.
    Refused(String),
}

/// Target of an entry that tells of a name which no account has: somebody may have typed
/// a password there.
pub const UNKNOWN_NAME: &str = "unknown name";

/// Deeds at the command line that concern the people, devices or units of one agency.
const OF_ONE_AGENCY: [&str; 8] = [
    "add-account",
    "change-account",
    "end-session",
    "add-token",
    "revoke-token",
    "erase-track",
    "erase-text",
    "forgotten",
];

/// One thing that was done, or tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the machine's own clock.
    pub at: Time,
    /// Who.
    pub who: Who,
    /// From which address; none at the command line.
    pub address: Option<IpAddr>,
    /// With which program, as it says itself.
    pub agent: String,
    /// What.
    pub deed: String,
    /// To what.
    pub target: String,
    /// How that was before, where it matters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Value>,
    /// How it is after, where it matters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Value>,
    /// What came of it.
    pub outcome: Outcome,
    /// Agency of the account, token or unit that it was done to; `None` if it was done
    /// to none, or the entry is older than this field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<Code>,
    /// The request by which it was asked for, if that came with a key.
    #[serde(skip)]
    pub request: Option<RequestName>,
}

impl Entry {
    /// What Pilin has done by itself.
    #[must_use]
    pub fn of_pilin(at: Time, deed: &str, target: String, after: Value) -> Self {
        Self {
            at,
            who: Who::Operator { name: "pilin".to_owned() },
            address: None,
            agent: concat!("pilin ", env!("CARGO_PKG_VERSION")).to_owned(),
            deed: deed.to_owned(),
            target,
            before: None,
            after: Some(after),
            outcome: Outcome::Done,
            about: None,
            request: None,
        }
    }

    /// Whether an administrator or auditor may read it, given which agencies theirs
    /// reaches: it was done by, or to, one of them, or it concerns the whole service.
    #[must_use]
    pub fn concerns(&self, reaches: impl Fn(Code) -> bool) -> bool {
        let told = [&self.before, &self.after].into_iter().flatten();
        let told = told.filter_map(|of| of.get("agency")?.as_str()?.parse().ok());
        let agencies: Vec<Code> =
            self.who.agency().into_iter().chain(self.about).chain(told).collect();
        if agencies.is_empty() { self.concerns_all() } else { agencies.into_iter().any(reaches) }
    }

    /// Whether an entry that names no agency concerns the whole service. Entries older
    /// than [`Entry::about`] may tell of one agency without naming it.
    fn concerns_all(&self) -> bool {
        match &self.who {
            Who::Nobody => self.deed != "sign-in" || [UNKNOWN_NAME, ""].contains(&&*self.target),
            Who::Operator { .. } => {
                !OF_ONE_AGENCY.contains(&&*self.deed) || self.target == "positions"
            }
            Who::Open | Who::Person { .. } | Who::Device { .. } => true,
        }
    }

    /// The request by which it was done; none if it was refused.
    #[must_use]
    pub fn done_by(&self) -> Option<&RequestName> {
        self.request.as_ref().filter(|_| self.outcome == Outcome::Done)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: &str) -> Entry {
        Entry {
            at: Time::from_ms(1_772_323_200_000),
            who: Who::Person {
                account: 3,
                name: "li".into(),
                agency: "310118".parse().unwrap(),
                role: "officer".into(),
            },
            address: Some("10.0.0.7".parse().unwrap()),
            agent: "Firefox".into(),
            deed: "acknowledge".into(),
            target: target.into(),
            before: None,
            after: Some(serde_json::json!({"note": "派青浦"})),
            outcome: Outcome::Done,
            about: None,
            request: None,
        }
    }

    #[test]
    fn an_entry_is_read_by_those_whom_it_concerns() {
        let of = |who: Who, deed: &str, target: &str| Entry {
            who,
            deed: deed.into(),
            after: None,
            ..entry(target)
        };
        let operator = || Who::Operator { name: "root".into() };
        let reads = |entry: &Entry, own: &str| {
            let own: Code = own.parse().unwrap();
            entry.concerns(|agency| agency == own)
        };
        let mut told = of(operator(), "add-account", "li");
        told.after = Some(serde_json::json!({"agency": "310000"}));
        let mut moved = told.clone();
        moved.before = Some(serde_json::json!({"agency": "330000"}));
        let about = |entry: Entry| Entry { about: "310000".parse().ok(), ..entry };
        for (what, entry, shanghai, anhui) in [
            ("a person's", of(entry("").who, "acknowledge", "alert 1"), false, false),
            ("of all", of(operator(), "set-rules", "rules"), true, true),
            ("of nobody", of(Who::Nobody, "set-up", ""), true, true),
            ("unknown name", of(Who::Nobody, "sign-in", UNKNOWN_NAME), true, true),
            ("a name, in old entries", of(Who::Nobody, "sign-in", "pass-w0rd"), false, false),
            ("a known name", about(of(Who::Nobody, "sign-in", "li")), true, false),
            ("by its agency", told, true, false),
            ("moved", moved, true, false),
            ("an old one at the command line", of(operator(), "revoke-token", "bus"), false, false),
            ("a unit's", about(of(operator(), "forgotten", "unit QP-1")), true, false),
            ("of all units", of(operator(), "forgotten", "positions"), true, true),
            ("before there were accounts", of(Who::Open, "set-clock", "clock"), true, true),
        ] {
            assert_eq!(reads(&entry, "310000"), shanghai, "{what}");
            assert_eq!(reads(&entry, "340000"), anhui, "{what}");
        }
    }

    #[test]
    fn entries_without_an_agency_are_written_and_read_as_before() {
        let line = Record::after(None, &entry("alert 1")).line;
        assert!(!line.contains("about"), "{line}");
        let about = Entry { about: "310000".parse().ok(), ..entry("alert 1") };
        let record = Record::after(None, &about);
        assert!(record.line.contains(r#""about":"310000""#), "{}", record.line);
        assert_eq!(record.entry(), Some(about));
    }

    fn chain() -> Vec<Record> {
        let mut all: Vec<Record> = Vec::new();
        for target in ["alert 1", "alert 2", "alert 3"] {
            let last = all.last().map(|record| (record.number, record.link));
            all.push(Record::after(last, &entry(target)));
        }
        all
    }

    fn verdict(all: &[Record]) -> Result<(), Broken> {
        let mut chain = Chain::default();
        all.iter().try_for_each(|record| chain.follow(record))
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let all = chain();
        assert_eq!(verdict(&all), Ok(()));
        assert_eq!(all[1].entry().unwrap(), entry("alert 2"));
        assert_eq!(Record::from_exported(&all[1].exported()).as_ref(), Some(&all[1]));
        assert_eq!(all[1].link.to_string().parse(), Ok(all[1].link));
        assert_eq!("0".repeat(64).parse(), Ok(Link::START));
        assert!("é".repeat(32).parse::<Link>().is_err());
    }

    #[test]
    fn what_was_changed_removed_or_moved_is_found() {
        let mut changed = chain();
        changed[1].line = changed[1].line.replace("alert 2", "alert 9");
        assert_eq!(verdict(&changed), Err(Broken::Hash(2)));
        let mut removed = chain();
        removed.remove(1);
        assert_eq!(verdict(&removed), Err(Broken::Number { expected: 2, found: 3 }));
        let mut renumbered = removed;
        renumbered[1].number = 2;
        assert_eq!(verdict(&renumbered), Err(Broken::Line(2)));
        let mut moved = chain();
        moved.swap(0, 1);
        assert_eq!(verdict(&moved), Err(Broken::Number { expected: 1, found: 2 }));
        let mut linked_anew = chain();
        linked_anew[1].line = linked_anew[1].line.replace("alert 2", "alert 9");
        linked_anew[1].link = linked_anew[0].link.then(&linked_anew[1].line);
        assert_eq!(verdict(&linked_anew), Err(Broken::Hash(3)));
    }

    #[test]
    fn anybody_can_check_a_link_without_pilin() {
        // printf '%064d\n{"number":1}' 0 | sha256sum
        assert_eq!(
            Link::START.then(r#"{"number":1}"#).to_string(),
            "fdf3caeae8da4690e1dc589ec1bf241530e23941da239304475fb1806c832078"
        );
    }
}
