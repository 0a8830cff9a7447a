//! Between Rust's values and SQLite's.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::Time;

use super::super::rows::Record;

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

impl Record for SqliteRow {
    fn int(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.try_get(column)
    }

    fn time(&self, column: &str) -> Result<Time, sqlx::Error> {
        self.try_get(column).map(Time::from_ms)
    }

    fn float(&self, column: &str) -> Result<Option<f64>, sqlx::Error> {
        self.try_get(column)
    }

    fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error> {
        self.try_get(column)
    }

    fn bytes(&self, column: &str) -> Result<&[u8], sqlx::Error> {
        self.try_get(column)
    }
}
