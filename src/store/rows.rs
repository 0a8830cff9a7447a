//! From a row of either database to what it stands for, or to the error that it
//! makes no sense.

use std::sync::Arc;

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};

use crate::domain::{
    Alert, Code, Event, Incident, IncidentId, LngLat, MatterCode, Offset, Original, Severity, Time,
    Unit, UnitId,
};

use super::codec::decode_batch;
use super::verdicts::Name;
use super::{Owner, PastStep, StoreError};

/// A number as databases keep it. Ours count up from one and never come near the
/// bound.
pub fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The word by which an enum of the domain goes in texts.
pub fn word(value: &impl Serialize) -> String {
    // Unit variants alone: encoding them cannot fail.
    let text = serde_json::to_string(value).unwrap_or_default();
    text.trim_matches('"').to_owned()
}

/// A row of a database, by the few kinds of columns that both have.
pub trait Record {
    /// A whole number of 64 bits.
    fn int(&self, column: &str) -> Result<i64, sqlx::Error>;
    /// A time.
    fn time(&self, column: &str) -> Result<Time, sqlx::Error>;
    /// A number with a fraction, if there is one.
    fn float(&self, column: &str) -> Result<Option<f64>, sqlx::Error>;
    /// A text, if there is one.
    fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error>;
    /// Bytes.
    fn bytes(&self, column: &str) -> Result<&[u8], sqlx::Error>;
}

/// A row of a table, to be read or found corrupt.
#[derive(Debug)]
pub struct Cells<'a, R> {
    row: &'a R,
    table: &'static str,
    key: i64,
}

impl<'a, R: Record> Cells<'a, R> {
    /// A row of a table, whose key stands in a column of its own.
    pub fn of(row: &'a R, table: &'static str, key: &'static str) -> Result<Self, StoreError> {
        let cells = Self { row, table, key: -1 };
        let key = cells.int(key)?;
        Ok(Self { key, ..cells })
    }

    /// A row of a table, with its key.
    pub const fn keyed(row: &'a R, table: &'static str, key: i64) -> Self {
        Self { row, table, key }
    }

    fn sound<T>(
        &self,
        column: &'static str,
        cell: Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        cell.map_err(|why| self.corrupt(column, &why))
    }

    /// A whole number.
    pub fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.sound(column, self.row.int(column))
    }

    /// A number that is not negative.
    pub fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        self.small(column)
    }

    /// A number that is small.
    pub fn small<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T::Error: std::fmt::Display,
    {
        T::try_from(self.int(column)?).map_err(|why| self.corrupt(column, &why))
    }

    /// A time.
    pub fn time(&self, column: &'static str) -> Result<Time, StoreError> {
        self.sound(column, self.row.time(column))
    }

    /// A number with a fraction.
    pub fn float(&self, column: &'static str) -> Result<f64, StoreError> {
        let cell = self.sound(column, self.row.float(column))?;
        cell.ok_or_else(|| self.corrupt(column, &"empty"))
    }

    /// A text, if there is one.
    pub fn maybe(&self, column: &'static str) -> Result<Option<&'a str>, StoreError> {
        self.sound(column, self.row.text(column))
    }

    /// A text.
    pub fn text(&self, column: &'static str) -> Result<&'a str, StoreError> {
        self.maybe(column)?.ok_or_else(|| self.corrupt(column, &"empty"))
    }

    /// An enum of the domain by its word.
    pub fn word<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let word: StrDeserializer<'_, Error> = self.text(column)?.into_deserializer();
        T::deserialize(word).map_err(|why| self.corrupt(column, &why))
    }

    /// A value encoded by postcard.
    pub fn decoded<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let blob = self.sound(column, self.row.bytes(column))?;
        postcard::from_bytes(blob).map_err(|why| self.corrupt(column, &why))
    }

    /// Bytes.
    pub fn bytes(&self, column: &'static str) -> Result<&'a [u8], StoreError> {
        self.sound(column, self.row.bytes(column))
    }

    /// The events of a batch.
    pub fn events(&self, column: &'static str) -> Result<Vec<Event>, StoreError> {
        let blob = self.sound(column, self.row.bytes(column))?;
        decode_batch(blob).map_err(|why| self.corrupt(column, &why))
    }

    /// A point in WGS-84, of the columns `lng` and `lat`.
    pub fn point(&self) -> Result<LngLat, StoreError> {
        let point = LngLat::new(self.float("lng")?, self.float("lat")?);
        point.map_err(|why| self.corrupt("lng", &why))
    }

    /// What was reported, of the columns `original_…`, if that was not WGS-84.
    pub fn original(&self) -> Result<Option<Original>, StoreError> {
        if self.maybe("original_datum")?.is_none() {
            return Ok(None);
        }
        Ok(Some(Original {
            datum: self.word("original_datum")?,
            lng: self.float("original_lng")?,
            lat: self.float("original_lat")?,
        }))
    }

    /// The error that a column makes no sense.
    pub fn corrupt(&self, column: &'static str, why: &dyn std::fmt::Display) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.key, why: why.to_string() }
    }
}

/// A place in the log, of the columns `seq` and `at`.
pub fn place(row: &impl Record) -> Result<(Offset, Time), StoreError> {
    let cells = Cells::of(row, "log", "seq")?;
    Ok((Offset(cells.number("seq")?), cells.time("at")?))
}

/// An incident, of a row of all its columns.
pub fn incident(row: &impl Record) -> Result<Incident, StoreError> {
    let cells = Cells::of(row, "incidents", "id")?;
    Ok(Incident {
        id: IncidentId(cells.number("id")?),
        source: cells.text("source")?.into(),
        external_id: cells.text("external_id")?.into(),
        matter: MatterCode::new(cells.text("matter")?),
        point: cells.point()?,
        original: cells.original()?,
        occurred_at: cells.time("occurred_at")?,
        severity: Severity::new(cells.small("severity")?)
            .map_err(|why| cells.corrupt("severity", &why))?,
        description: cells.text("description")?.into(),
        media: serde_json::from_str(cells.text("media")?)
            .map_err(|why| cells.corrupt("media", &why))?,
        provenance: cells.word("provenance")?,
    })
}

/// Whose the name of an incident is, of the column `owner`.
pub fn owner(row: &impl Record) -> Result<Owner, StoreError> {
    let cells = Cells::of(row, "incidents", "id")?;
    match cells.small("owner")? {
        0 => Ok(Owner::NOBODY),
        agency => {
            let agency = Code::from_number(agency).map_err(|why| cells.corrupt("owner", &why))?;
            Ok(Owner(Some(agency)))
        }
    }
}

/// The name of an incident.
pub fn name(owner: Owner, incident: &Incident) -> Name {
    (owner, Arc::clone(&incident.source), Arc::clone(&incident.external_id))
}

/// A unit, of a row of all its columns.
pub fn unit(row: &impl Record) -> Result<Unit, StoreError> {
    let cells = Cells::of(row, "units", "id")?;
    Ok(Unit {
        id: UnitId(cells.small("id")?),
        code: cells.text("code")?.into(),
        name: cells.text("name")?.into(),
        kind: cells.word("kind")?,
        agency: Code::from_number(cells.small("agency")?)
            .map_err(|why| cells.corrupt("agency", &why))?,
        provenance: cells.word("provenance")?,
    })
}

/// An alert as it last stood.
pub fn alert(row: &impl Record) -> Result<Alert, StoreError> {
    Cells::of(row, "alerts", "id")?.decoded("alert")
}

/// A step of an alert.
pub fn step(row: &impl Record) -> Result<PastStep, StoreError> {
    let cells = Cells::of(row, "alert_steps", "alert")?;
    Ok(PastStep {
        offset: Offset(cells.number("seq")?),
        nth: cells.small("nth")?,
        at: cells.time("at")?,
        step: cells.word("step")?,
        detail: cells.decoded("detail")?,
    })
}
