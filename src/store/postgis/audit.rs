//! The audit log, appended to within the transactions of the deeds it tells of.

use sqlx::Executor;
use sqlx::postgres::{PgConnection, PgPool};

use super::super::Answer;
use super::super::StoreError;
use super::super::audit::{Entry, Ledger, Record};
use super::super::error::During;
use super::super::known;
use super::super::rows::int;
use super::{Postgis, locks, replies};

/// Appends entries, in their order.
pub async fn write(to: &mut PgConnection, entries: &[Entry]) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    to.execute(locks::JOIN_ACTS).await.during("waiting for the audit log")?;
    let newest = sqlx::query("SELECT * FROM audit ORDER BY number DESC LIMIT 1")
        .fetch_optional(&mut *to)
        .await
        .during("looking where the audit log ends")?;
    let mut last =
        newest.as_ref().map(known::entry).transpose()?.map(|last| (last.number, last.link));
    for entry in entries {
        let record = Record::after(last, entry);
        put(to, &record).await?;
        last = Some((record.number, record.link));
        if let Some(request) = entry.done_by() {
            replies::carry_out(&mut *to, request).await?;
        }
    }
    Ok(())
}

/// Writes an entry as it stands in the chain.
pub async fn put(to: &mut PgConnection, record: &Record) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit (number, line, link) VALUES ($1, $2, $3)")
        .bind(int(record.number))
        .bind(&*record.line)
        .bind(&record.link.bytes()[..])
        .execute(to)
        .await
        .during("appending to the audit log")?;
    Ok(())
}

impl Ledger for Postgis {
    fn record(&self, entry: Entry) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
            write(&mut tx, &[entry]).await?;
            tx.commit().await.during("committing to the audit log")
        })
    }

    fn entries(&self, after: u64, most: u32) -> Answer<'_, Vec<Record>> {
        let list = "SELECT * FROM audit WHERE number > $1 ORDER BY number LIMIT $2";
        Box::pin(select(&self.readers, list, after, most))
    }

    fn newest_entries(&self, before: u64, most: u32) -> Answer<'_, Vec<Record>> {
        let list = "SELECT * FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2";
        Box::pin(select(&self.readers, list, before, most))
    }
}

async fn select(
    readers: &PgPool,
    list: &'static str,
    bound: u64,
    most: u32,
) -> Result<Vec<Record>, StoreError> {
    let rows = sqlx::query(list)
        .bind(int(bound))
        .bind(i64::from(most))
        .fetch_all(readers)
        .await
        .during("reading the audit log")?;
    rows.iter().map(known::entry).collect()
}
