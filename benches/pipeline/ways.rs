//! How the store writes rows, arrays unfolded by `UNNEST`, beside `COPY` of the
//! fastest kind: binary, so that nothing is put into text and read again.

use std::time::{Duration, Instant};

use pilin::domain::{Incident, IncidentId, Time};
use pilin::store::{Draft, Postgis, Store};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::{Connection, Encode, PgConnection, Postgres, Type};

use crate::report;

/// The store's own statement.
const UNNEST: &str = include_str!("../../src/store/postgis/put_incidents.sql");

const COPY: &str = "COPY incidents (id, source, external_id, matter, place, original_datum,
    original_lng, original_lat, occurred_at, severity, description, media, provenance, seq)
    FROM STDIN (FORMAT binary)";

const COLUMNS: i16 = 14;

/// Has the store make the partition of this month, as it does before a batch.
pub async fn prepare(store: &Postgis) {
    let first = report(&mut Pcg64Mcg::seed_from_u64(0), "first");
    store.append(Draft { incidents: vec![first], ..Draft::default() }).await.unwrap();
}

/// Incidents a second by `UNNEST` and by `COPY` into the store's table with all its
/// indexes, so many a batch, in turns: the median of the batches, from the first
/// byte to the answer. The commit, the same for both, is left out.
pub async fn run(database: &mut PgConnection, rows: u64, batches: usize) -> (f64, f64) {
    let newest: i64 = sqlx::query_scalar("SELECT max(id) FROM incidents")
        .fetch_one(&mut *database)
        .await
        .unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut id = newest.unsigned_abs();
    let mut batch = || -> Vec<Incident> {
        let mut incident = || {
            id += 1;
            report(&mut rng, &id.to_string()).numbered(IncidentId(id))
        };
        (0..rows).map(|_| incident()).collect()
    };
    let (mut unnested, mut copied) = (Vec::new(), Vec::new());
    for nth in 0..2 * batches {
        let some = batch();
        let mut tx = database.begin().await.unwrap();
        let begun = Instant::now();
        // Each as often first as second: what comes after the same pause is alike.
        if matches!(nth % 4, 0 | 3) {
            unnest(&mut tx, &some).await;
            unnested.push(begun.elapsed());
        } else {
            copy(&mut tx, &some).await;
            copied.push(begun.elapsed());
        }
        tx.commit().await.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = |mut times: Vec<Duration>| {
        times.sort_unstable();
        rows as f64 / times[times.len() / 2].as_secs_f64()
    };
    (rate(unnested), rate(copied))
}

async fn unnest(database: &mut PgConnection, rows: &[Incident]) {
    fn column<'a, T>(rows: &'a [Incident], cell: impl FnMut(&'a Incident) -> T) -> Vec<T> {
        rows.iter().map(cell).collect()
    }
    sqlx::query(UNNEST)
        .bind(column(rows, |row| row.id.0.cast_signed()))
        .bind(column(rows, |row| &*row.source))
        .bind(column(rows, |row| &*row.external_id))
        .bind(column(rows, |row| row.matter.as_str()))
        .bind(column(rows, |row| row.point.lng()))
        .bind(column(rows, |row| row.point.lat()))
        .bind(column(rows, |_| None::<&str>))
        .bind(column(rows, |_| None::<f64>))
        .bind(column(rows, |_| None::<f64>))
        .bind(column(rows, |row| At(row.occurred_at)))
        .bind(column(rows, |row| i16::from(row.severity.grade())))
        .bind(column(rows, |row| &*row.description))
        .bind(column(rows, |row| serde_json::to_string(&row.media).unwrap()))
        .bind(column(rows, |_| "simulated"))
        .bind(column(rows, |_| 1_i64))
        .execute(database)
        .await
        .unwrap();
}

async fn copy(database: &mut PgConnection, rows: &[Incident]) {
    let mut bytes = PgArgumentBuffer::default();
    // A signature, no flags, nothing more in the head.
    bytes.extend(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    for row in rows {
        bytes.extend(COLUMNS.to_be_bytes());
        put(&mut bytes, row.id.0.cast_signed());
        put(&mut bytes, &*row.source);
        put(&mut bytes, &*row.external_id);
        put(&mut bytes, row.matter.as_str());
        put(&mut bytes, &*ewkb(row));
        put(&mut bytes, None::<&str>);
        put(&mut bytes, None::<f64>);
        put(&mut bytes, None::<f64>);
        put(&mut bytes, At(row.occurred_at));
        put(&mut bytes, i16::from(row.severity.grade()));
        put(&mut bytes, &*row.description);
        // The first version of `jsonb`.
        put(&mut bytes, &*[b"\x01", &*serde_json::to_vec(&row.media).unwrap()].concat());
        put(&mut bytes, "simulated");
        put(&mut bytes, 1_i64);
    }
    bytes.extend((-1_i16).to_be_bytes());
    let mut copy = database.copy_in_raw(COPY).await.unwrap();
    copy.send(bytes.as_slice()).await.unwrap();
    copy.finish().await.unwrap();
}

/// A value after its length.
fn put<'a>(bytes: &mut PgArgumentBuffer, value: impl Encode<'a, Postgres>) {
    let start = bytes.len() + 4;
    bytes.extend([0; 4]);
    let length = match value.encode(bytes).unwrap() {
        IsNull::Yes => -1,
        IsNull::No => i32::try_from(bytes.len() - start).unwrap(),
    };
    bytes[start - 4..start].copy_from_slice(&length.to_be_bytes());
}

/// A point in `PostGIS`'s binary form.
fn ewkb(of: &Incident) -> Vec<u8> {
    let mut bytes = b"\x01\x01\0\0\x20\xe6\x10\0\0".to_vec();
    bytes.extend(of.point.lng().to_le_bytes());
    bytes.extend(of.point.lat().to_le_bytes());
    bytes
}

/// A `timestamptz`: microseconds since 2000.
struct At(Time);

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1185))
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = (self.0.ms() - 946_684_800_000) * 1_000;
        <i64 as Encode<Postgres>>::encode(micros, buffer)
    }
}
