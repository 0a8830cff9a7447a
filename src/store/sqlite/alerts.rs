//! Alerts behind the log: how each last stood, and its steps.

use sqlx::{SqliteConnection, SqlitePool};

use crate::domain::{Alert, AlertId, Offset, Time};

use super::super::codec::encoded;
use super::super::contents::StepRow;
use super::super::error::During;
use super::super::rows::{int, word};
use super::super::{AlertRecord, PastStep, StoreError, rows};
use super::Sqlite;

impl Sqlite {
    /// Keeps steps. What is there already from a later step stays.
    pub(super) async fn write_alerts(&self, records: Vec<AlertRecord>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let last = AlertRecord::last_of_each(&records);
        for (record, _) in records.iter().zip(last).filter(|&(_, last)| last) {
            put(&mut tx, record.offset, record.nth, &record.alert).await?;
        }
        for record in &records {
            put_step(&mut tx, &StepRow::of(record)).await?;
        }
        tx.commit().await.during("committing alerts")
    }

    /// Forgets all of them.
    pub(super) async fn forget_alerts(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for drop in ["DELETE FROM alert_steps", "DELETE FROM alerts"] {
            sqlx::query(drop).execute(&mut *tx).await.during("forgetting alerts")?;
        }
        tx.commit().await.during("committing that alerts are forgotten")
    }
}

/// Writes an alert, unless it is there as it stood after a later step.
pub async fn put(
    to: &mut SqliteConnection,
    offset: Offset,
    nth: u32,
    alert: &Alert,
) -> Result<(), StoreError> {
    let put = "INSERT INTO alerts (id, rule, state, raised_at, ended_at, seq, nth, alert)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, state = excluded.state,
                   raised_at = excluded.raised_at, ended_at = excluded.ended_at,
                   seq = excluded.seq, nth = excluded.nth, alert = excluded.alert
               WHERE (excluded.seq, excluded.nth) >= (alerts.seq, alerts.nth)";
    sqlx::query(put)
        .bind(int(alert.id.0))
        .bind(&*alert.rule.0)
        .bind(word(&alert.state))
        .bind(alert.raised_at.ms())
        .bind(alert.ended_at.map(Time::ms))
        .bind(int(offset.0))
        .bind(i64::from(nth))
        .bind(encoded("an alert", alert)?)
        .execute(to)
        .await
        .during("writing an alert")?;
    Ok(())
}

/// Writes a step.
pub async fn put_step(to: &mut SqliteConnection, step: &StepRow) -> Result<(), StoreError> {
    let put = "INSERT OR REPLACE INTO alert_steps (alert, seq, nth, at, step, detail)
               VALUES (?, ?, ?, ?, ?, ?)";
    sqlx::query(put)
        .bind(int(step.alert.0))
        .bind(int(step.offset.0))
        .bind(i64::from(step.nth))
        .bind(step.at.ms())
        .bind(word(&step.step))
        .bind(encoded("a step of an alert", &step.detail)?)
        .execute(to)
        .await
        .during("writing a step of an alert")?;
    Ok(())
}

/// An alert as it last stood.
pub async fn one(readers: &SqlitePool, id: AlertId) -> Result<Option<Alert>, StoreError> {
    let row = sqlx::query("SELECT id, alert FROM alerts WHERE id = ?")
        .bind(int(id.0))
        .fetch_optional(readers)
        .await
        .during("reading an alert")?;
    row.as_ref().map(rows::alert).transpose()
}

/// Alerts that ended, the newest end first, after one of this end and number.
pub async fn ended(
    readers: &SqlitePool,
    after: (Time, AlertId),
    most: u32,
) -> Result<Vec<Alert>, StoreError> {
    let list = "SELECT id, alert FROM alerts WHERE (ended_at, id) < (?, ?)
                ORDER BY ended_at DESC, id DESC LIMIT ?";
    let found = sqlx::query(list)
        .bind(after.0.ms())
        .bind(int(after.1.0))
        .bind(most)
        .fetch_all(readers)
        .await
        .during("reading alerts that ended")?;
    found.iter().map(rows::alert).collect()
}

/// Steps of an alert before one, the newest first.
pub async fn steps(
    readers: &SqlitePool,
    id: AlertId,
    before: (Offset, u32),
    most: u32,
) -> Result<Vec<PastStep>, StoreError> {
    let list = "SELECT alert, seq, nth, at, step, detail FROM alert_steps
                WHERE alert = ? AND (seq, nth) < (?, ?) ORDER BY seq DESC, nth DESC LIMIT ?";
    let found = sqlx::query(list)
        .bind(int(id.0))
        .bind(int(before.0.0))
        .bind(i64::from(before.1))
        .bind(most)
        .fetch_all(readers)
        .await
        .during("reading the steps of an alert")?;
    found.iter().map(rows::step).collect()
}
