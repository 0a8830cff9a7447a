//! Whether the rows of an archive can be those of a store: whoever writes a manifest can
//! make it fit any rows.

use std::collections::HashSet;
use std::fmt;

use crate::access::AccountId;
use crate::domain::{Code, Event, Unit};
use crate::store::audit::Chain;
use crate::store::check_hash;
use crate::store::contents::{FactorRow, Row};

/// Characters of a name or code; no door ever took longer ones.
const LONGEST: usize = 128;

/// Why a row is refused: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Fault {
    field: &'static str,
    why: String,
}

fn fault(field: &'static str, why: impl Into<String>) -> Fault {
    Fault { field, why: why.into() }
}

/// The key of the note that names a store's region.
const REGION: &str = "region";

/// The region that an archive must fit.
#[derive(Clone, Copy)]
pub struct Fits<'a> {
    /// Its English name, under which a store keeps to it.
    pub region: &'a str,
    /// Whether a code is that of one of its jurisdictions.
    pub is_agency: &'a dyn Fn(Code) -> bool,
}

impl fmt::Debug for Fits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fits").field("region", &self.region).finish_non_exhaustive()
    }
}

/// Checks rows, part by part in the order in which a store is filled.
pub struct Check<'a> {
    fits: Fits<'a>,
    chain: Chain,
    accounts: HashSet<u64>,
    names: HashSet<String>,
    last_batch: u64,
}

impl<'a> Check<'a> {
    pub fn new(fits: Fits<'a>) -> Self {
        Self {
            fits,
            chain: Chain::default(),
            accounts: HashSet::default(),
            names: HashSet::default(),
            last_batch: 0,
        }
    }

    /// The next row.
    pub fn row(&mut self, row: &Row) -> Result<(), Fault> {
        match row {
            Row::Note(note) => {
                line("key", &note.key)?;
                if note.key == REGION && note.value != self.fits.region {
                    let (theirs, ours) = (&note.value, self.fits.region);
                    return Err(fault("value", format!("it is of {theirs}, and not of {ours}")));
                }
                Ok(())
            }
            Row::Batch(batch) => {
                let expected = self.last_batch + 1;
                if batch.offset.0 != expected {
                    let why = format!("{} stands where {expected} should", batch.offset.0);
                    return Err(fault("offset", why));
                }
                self.last_batch = expected;
                batch.events.iter().try_for_each(|event| self.event(event))
            }
            Row::Incident(row) => {
                positive("id", row.incident.id.0)?;
                line("source", &row.incident.source)?;
                line("external_id", &row.incident.external_id)
            }
            Row::Unit(row) => self.unit(&row.unit),
            Row::Alert(row) => positive("id", row.alert.id.0),
            Row::Step(row) => positive("alert", row.alert.0),
            Row::Forgetting(_) => Ok(()),
            Row::Account(row) => {
                positive("id", row.id.0)?;
                line("name", &row.name)?;
                if row.name.contains(char::is_whitespace) {
                    return Err(fault("name", "has a space"));
                }
                if !row.display.is_empty() {
                    line("display", &row.display)?;
                }
                self.agency(row.agency)?;
                if let Some(hash) = &row.password {
                    check_hash(hash).map_err(|why| fault("password", why.to_string()))?;
                }
                if let Some(factor) = &row.factor {
                    check_factor(row.password.is_some(), factor)?;
                }
                if !self.names.insert(row.name.to_string()) {
                    return Err(fault("name", "is another account's too"));
                }
                if self.accounts.insert(row.id.0) {
                    Ok(())
                } else {
                    Err(fault("id", "is another account's too"))
                }
            }
            Row::Identity(row) => {
                long_line("issuer", &row.issuer, 2_000)?;
                long_line("subject", &row.subject, 2_000)?;
                self.account(row.account)
            }
            Row::Session(row) => {
                positive("id", row.id.0)?;
                self.account(row.account)
            }
            Row::Token(row) => {
                positive("id", row.id.0)?;
                line("name", &row.name)?;
                self.agency(row.agency)
            }
            Row::Entry(record) => {
                self.chain.follow(record).map_err(|broken| fault("link", broken.to_string()))
            }
        }
    }

    fn event(&self, event: &Event) -> Result<(), Fault> {
        match event {
            Event::Incident(incident) => positive("events: incident: id", incident.id.0),
            Event::Unit(unit) => self.unit(unit),
            _ => Ok(()),
        }
    }

    fn unit(&self, unit: &Unit) -> Result<(), Fault> {
        positive("unit: id", u64::from(unit.id.0))?;
        line("unit: code", &unit.code)?;
        line("unit: name", &unit.name)?;
        self.agency(unit.agency)
    }

    fn agency(&self, code: Code) -> Result<(), Fault> {
        if (self.fits.is_agency)(code) {
            return Ok(());
        }
        Err(fault("agency", format!("the region has no jurisdiction {code}")))
    }

    fn account(&self, id: AccountId) -> Result<(), Fault> {
        if self.accounts.contains(&id.0) {
            return Ok(());
        }
        Err(fault("account", format!("there is no account {}", id.0)))
    }
}

fn positive(field: &'static str, number: u64) -> Result<(), Fault> {
    if (1..=i64::MAX as u64).contains(&number) {
        return Ok(());
    }
    Err(fault(field, format!("{number} is no number that a store gives")))
}

/// A name as every version's doors took it: of one line, and not blank.
fn line(field: &'static str, text: &str) -> Result<(), Fault> {
    long_line(field, text, LONGEST)
}

fn long_line(field: &'static str, text: &str, most: usize) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(fault(field, "is empty"));
    }
    if text.chars().count() > most {
        return Err(fault(field, format!("is longer than {most} characters")));
    }
    match text.chars().find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        Some(c) => Err(fault(field, format!("has a control character (U+{:04X})", u32::from(c)))),
        None => Ok(()),
    }
}
/// Whether an account can have a second factor such as this.
fn check_factor(has_password: bool, factor: &FactorRow) -> Result<(), Fault> {
    if !has_password {
        return Err(fault("factor", "is of an account without a password"));
    }
    if i64::try_from(factor.step).is_err() {
        return Err(fault("factor: step", "is too large"));
    }
    let codes = &factor.recovery_codes;
    let hashes: HashSet<_> = codes.iter().map(|code| code.hash).collect();
    if hashes.len() != codes.len() {
        return Err(fault("factor: recovery_codes", "has one twice"));
    }
    if !codes.is_sorted_by_key(|code| code.hash) {
        return Err(fault("factor: recovery_codes", "is not in order"));
    }
    Ok(())
}
