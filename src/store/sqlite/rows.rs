//! Between Rust's values and SQLite's.

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

use super::super::StoreError;

/// The sizes in which rows are written together: few, so that each statement is
/// prepared once, and none above SQLite's bound on parameters.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];

/// Cuts a list into pieces of the sizes above.
pub fn chunks<T>(mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = *CHUNKS.iter().find(|&&size| size <= all.len())?;
        let (chunk, rest) = all.split_at(size);
        all = rest;
        Some(chunk)
    })
}

/// A number as SQLite keeps it. Ours count up from one and never come near the
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

/// A row of a table, to be read or found corrupt.
pub struct Cells<'a> {
    /// The row.
    pub row: &'a SqliteRow,
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub key: i64,
}

impl Cells<'_> {
    /// What a column holds.
    pub fn get<'a, T>(&'a self, column: &'static str) -> Result<T, StoreError>
    where
        T: Decode<'a, Sqlite> + Type<Sqlite>,
    {
        self.row.try_get(column).map_err(|why| self.corrupt(column, &why))
    }

    /// A number that is not negative.
    pub fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        let number: i64 = self.get(column)?;
        u64::try_from(number).map_err(|why| self.corrupt(column, &why))
    }

    /// A number that is small.
    pub fn small<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T::Error: std::fmt::Display,
    {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|why| self.corrupt(column, &why))
    }

    /// An enum of the domain by its word.
    pub fn word<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let text: &str = self.get(column)?;
        let word: StrDeserializer<'_, Error> = text.into_deserializer();
        T::deserialize(word).map_err(|why| self.corrupt(column, &why))
    }

    /// A value encoded by postcard.
    pub fn decoded<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let blob: &[u8] = self.get(column)?;
        postcard::from_bytes(blob).map_err(|why| self.corrupt(column, &why))
    }

    /// The error that a column makes no sense.
    pub fn corrupt(&self, column: &'static str, why: &dyn std::fmt::Display) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.key, why: why.to_string() }
    }
}

/// Encodes a value by postcard.
pub fn encoded(what: &'static str, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|source| StoreError::Encode { what, source })
}
