//! The same positions, brought into PostGIS by hand: a row each, without an index,
//! and with those that finding them again takes.

use std::fmt::Write;
use std::time::Instant;

use pilin::domain::{LngLat, Time};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{Executor, PgPool};

use crate::{RUN, UNITS, now, point};

/// Rows a `COPY`, each a transaction of its own.
const ROWS: u32 = 5_000;

/// As many at a time as the pipeline has senders.
const SENDERS: u32 = 4;

const TABLE: &str = "
    CREATE TABLE by_hand (
        unit integer NOT NULL, at timestamptz NOT NULL, place geometry(Point, 4326) NOT NULL,
        speed real, course real, accuracy real
    ) PARTITION BY RANGE (at);
    CREATE TABLE by_hand_now PARTITION OF by_hand
        FOR VALUES FROM (now() - interval '1 day') TO (now() + interval '1 day')";

const INDEXES: &str = "
    TRUNCATE by_hand;
    CREATE INDEX ON by_hand (unit, at);
    CREATE INDEX ON by_hand USING brin (at)";

/// Positions a second, by hand.
#[derive(Clone, Copy, Debug)]
pub struct ByHand {
    /// By `COPY`, into a table without an index.
    pub bare: f64,
    /// By `COPY`, with the indexes.
    pub indexed: f64,
    /// By `INSERT` with a commit each, with the indexes.
    pub inserted: f64,
}

/// Measures all three, one after the other.
pub async fn run(database: &PgPool) -> ByHand {
    database.execute(TABLE).await.unwrap();
    let bare = each_sender(database, copy).await;
    database.execute(INDEXES).await.unwrap();
    let indexed = each_sender(database, copy).await;
    let inserted = each_sender(database, insert).await;
    ByHand { bare, indexed, inserted }
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
async fn each_sender<F: Future<Output = u64> + Send + 'static>(
    database: &PgPool,
    send: impl Fn(PgPool, u32) -> F,
) -> f64 {
    let begun = Instant::now();
    let senders: Vec<_> =
        (0..SENDERS).map(|sender| tokio::spawn(send(database.clone(), sender))).collect();
    let mut rows = 0;
    for sender in senders {
        rows += sender.await.unwrap();
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}

async fn copy(database: PgPool, sender: u32) -> u64 {
    let mut rng = Pcg64Mcg::seed_from_u64(sender.into());
    let (begun, mut rows) = (Instant::now(), 0);
    while begun.elapsed() < RUN {
        let (at, mut text) = (now(), String::new());
        for row in 0..ROWS {
            let unit = 1 + (sender * ROWS + row) % UNITS;
            let place = ewkb(point(&mut rng));
            writeln!(text, "{unit}\t{at}\t{place}\t8\t90\t5").unwrap();
        }
        let into = "COPY by_hand (unit, at, place, speed, course, accuracy) FROM STDIN";
        let mut copy = database.copy_in_raw(into).await.unwrap();
        copy.send(text.into_bytes()).await.unwrap();
        rows += copy.finish().await.unwrap();
    }
    rows
}

async fn insert(database: PgPool, sender: u32) -> u64 {
    let put = "INSERT INTO by_hand (unit, at, place, speed, course, accuracy)
               VALUES ($1, to_timestamp($2), ST_SetSRID(ST_MakePoint($3, $4), 4326), 8, 90, 5)";
    let mut rng = Pcg64Mcg::seed_from_u64(sender.into());
    let (begun, mut rows) = (Instant::now(), 0);
    while begun.elapsed() < RUN {
        let (at, place) = (now(), point(&mut rng));
        sqlx::query(put)
            .bind(i32::try_from(1 + rows % u64::from(UNITS)).unwrap())
            .bind(seconds(at))
            .bind(place.lng())
            .bind(place.lat())
            .execute(&database)
            .await
            .unwrap();
        rows += 1;
    }
    rows
}

/// A time as `to_timestamp` takes it.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century")]
fn seconds(at: Time) -> f64 {
    at.ms() as f64 / 1_000.0
}

/// A point as `PostGIS` reads it fastest from a text.
fn ewkb(point: LngLat) -> String {
    let mut text = "0101000020E6100000".to_owned();
    for byte in [point.lng(), point.lat()].iter().flat_map(|value| value.to_le_bytes()) {
        write!(text, "{byte:02X}").unwrap();
    }
    text
}
