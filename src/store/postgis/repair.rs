//! Bringing the log back from the future.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::domain::{Batch, Time};

use super::super::codec::encode_batch;
use super::super::error::During;
use super::super::repair::{BATCHES, Order, Repair, Repaired, STATEMENTS, mend};
use super::super::rows::{Cells, int, place};
use super::super::{Answer, StoreError};
use super::rows::At;
use super::{Postgis, audit, locks, log, notes};

const DEED: &str = "repairing the times of the log";

impl Repair for Postgis {
    fn repair_times(&self, order: Order) -> Answer<'_, Option<Repaired>> {
        Box::pin(self.repair(order))
    }
}

impl Postgis {
    async fn repair(&self, order: Order) -> Result<Option<Repaired>, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::LOG).await?;
        let head = log::head(&mut *tx).await?;
        let Some((_, ended)) = head.filter(|(_, ended)| *ended > order.now) else {
            return Ok(None);
        };
        let batches = mend_log(&mut tx, order.now).await?;
        for statement in STATEMENTS {
            let query = sqlx::query(statement);
            let query = if statement.contains("$1") { query.bind(order.now.ms()) } else { query };
            query.execute(&mut *tx).await.during(DEED)?;
        }
        // What is told from now on is another history, in which clients begin anew.
        let epoch = ("epoch", Uuid::now_v7().to_string());
        for (key, text) in order.notes.into_iter().chain([epoch]) {
            notes::set(&mut *tx, key, text).await?;
        }
        audit::write(&mut tx, &[order.entry]).await?;
        tx.commit().await.during(DEED)?;
        Ok(Some(Repaired { ended, batches }))
    }
}

/// Mends the batches after a time; how many.
async fn mend_log(within: &mut PgConnection, now: Time) -> Result<u64, StoreError> {
    let last = "SELECT seq, at FROM log WHERE at <= $1 ORDER BY seq DESC LIMIT 1";
    let row = sqlx::query(last).bind(At(now)).fetch_optional(&mut *within).await.during(DEED)?;
    let (mut last, mut before) = row.as_ref().map(place).transpose()?.unwrap_or_default();
    let mut many = 0;
    loop {
        let page = "SELECT seq, at, blob FROM log WHERE seq > $1 ORDER BY seq LIMIT $2";
        let rows = sqlx::query(page)
            .bind(int(last.0))
            .bind(BATCHES)
            .fetch_all(&mut *within)
            .await
            .during(DEED)?;
        if rows.is_empty() {
            return Ok(many);
        }
        for row in &rows {
            let (offset, at) = place(row)?;
            let events = Cells::keyed(row, "log", int(offset.0)).events("blob")?;
            let mut batch = Batch { at, events };
            let blob = if mend(&mut batch, before, now) {
                Some(encode_batch(&batch.events)?)
            } else {
                None
            };
            sqlx::query("UPDATE log SET at = $1, blob = coalesce($2, blob) WHERE seq = $3")
                .bind(At(batch.at))
                .bind(blob)
                .bind(int(offset.0))
                .execute(&mut *within)
                .await
                .during(DEED)?;
            (last, before, many) = (offset, batch.at, many + 1);
        }
    }
}
