//! Between Rust's values and PostgreSQL's.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Row, Type};

use crate::domain::Time;

use super::super::rows::Record;

/// A `timestamptz`: microseconds since 2000. What it cannot hold is one of its
/// infinities.
#[derive(Clone, Copy, Debug)]
pub struct At(pub Time);

/// 2000-01-01T00:00:00Z.
const MILLENNIUM_MS: i64 = 946_684_800_000;

const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ_ARRAY)
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = (self.0 - MILLENNIUM_MS).ms().saturating_mul(1_000);
        <i64 as Encode<Postgres>>::encode(micros, buffer)
    }
}

impl Decode<'_, Postgres> for At {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        Ok(Self(Time::from_ms(micros.div_euclid(1_000)) + MILLENNIUM_MS))
    }
}

impl Record for PgRow {
    /// Of any width.
    fn int(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.try_get_unchecked(column)
    }

    fn time(&self, column: &str) -> Result<Time, sqlx::Error> {
        self.try_get(column).map(|At(time)| time)
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

/// A column's worth of values, of the rows to be written.
pub fn column<'a, T, V>(rows: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}
