//! Where the store writes rows: arrays unfolded by `UNNEST`, beside `COPY`.

use std::fmt::Write;
use std::time::{Duration, Instant};

use pilin::domain::{LngLat, Time};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{Executor, PgPool};

use crate::peers::{ewkb, seconds};
use crate::{now, point};

/// The table of incidents with all its indexes, and no partitions.
const TABLE: &str = "CREATE TABLE by_way (LIKE incidents INCLUDING ALL)";

const UNNEST: &str =
    "INSERT INTO by_way (id, source, external_id, matter, place, occurred_at, severity,
        description, media, provenance, seq)
    SELECT id, source, external_id, matter, ST_SetSRID(ST_MakePoint(lng, lat), 4326),
        to_timestamp(at), severity, description, media::jsonb, provenance, 1
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::double precision[],
        $6::double precision[], $7::double precision[], $8::smallint[], $9::text[], $10::text[],
        $11::text[])
    AS new (id, source, external_id, matter, lng, lat, at, severity, description, media, provenance)";

const COPY: &str = "COPY by_way (id, source, external_id, matter, place, occurred_at, severity,
    description, media, provenance, seq) FROM STDIN";

struct Row {
    id: i64,
    point: LngLat,
    at: Time,
}

/// Makes the table.
pub async fn prepare(database: &PgPool) {
    database.execute(TABLE).await.unwrap();
}

/// Incidents a second by `UNNEST` and by `COPY`, so many a batch, each batch a
/// commit, in turns.
pub async fn run(database: &PgPool, rows: i64, batches: i64) -> (f64, f64) {
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT max(id) FROM by_way").fetch_one(database).await.unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut id = newest.unwrap_or_default();
    let mut batch = || -> Vec<Row> {
        let mut row = || {
            id += 1;
            Row { id, point: point(&mut rng), at: now() }
        };
        (0..rows).map(|_| row()).collect()
    };
    let (mut unnested, mut copied) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..batches {
        let some = batch();
        let begun = Instant::now();
        unnest(database, &some).await;
        unnested += begun.elapsed();
        let some = batch();
        let begun = Instant::now();
        copy(database, &some).await;
        copied += begun.elapsed();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = |time: Duration| (rows * batches) as f64 / time.as_secs_f64();
    (rate(unnested), rate(copied))
}

async fn unnest(database: &PgPool, rows: &[Row]) {
    fn column<T>(rows: &[Row], cell: impl FnMut(&Row) -> T) -> Vec<T> {
        rows.iter().map(cell).collect()
    }
    sqlx::query(UNNEST)
        .bind(column(rows, |row| row.id))
        .bind(column(rows, |_| "bench"))
        .bind(column(rows, |row| row.id.to_string()))
        .bind(column(rows, |_| "spoil-dumping"))
        .bind(column(rows, |row| row.point.lng()))
        .bind(column(rows, |row| row.point.lat()))
        .bind(column(rows, |row| seconds(row.at)))
        .bind(column(rows, |_| 2_i16))
        .bind(column(rows, |_| "渣土倾倒"))
        .bind(column(rows, |_| "[]"))
        .bind(column(rows, |_| "simulated"))
        .execute(database)
        .await
        .unwrap();
}

async fn copy(database: &PgPool, rows: &[Row]) {
    let mut text = String::new();
    for Row { id, point, at } in rows {
        let place = ewkb(*point);
        writeln!(
            text,
            "{id}\tbench\t{id}\tspoil-dumping\t{place}\t{at}\t2\t渣土倾倒\t[]\tsimulated\t1"
        )
        .unwrap();
    }
    let mut copy = database.copy_in_raw(COPY).await.unwrap();
    copy.send(text.into_bytes()).await.unwrap();
    copy.finish().await.unwrap();
}
