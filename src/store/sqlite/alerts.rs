//! Alerts behind the log: how each last stood, and its steps.

use sqlx::SqlitePool;

use crate::domain::{Alert, AlertId, Time};

use super::super::codec::encoded;
use super::super::error::During;
use super::super::rows::{int, word};
use super::super::{AlertRecord, PastStep, StepDetail, StoreError, rows};
use super::Sqlite;

impl Sqlite {
    /// Keeps steps. What is there already from a later step stays.
    pub(super) async fn write_alerts(&self, records: Vec<AlertRecord>) -> Result<(), StoreError> {
        let put = "INSERT INTO alerts (id, rule, state, raised_at, ended_at, seq, nth, alert)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, state = excluded.state,
                       raised_at = excluded.raised_at, ended_at = excluded.ended_at,
                       seq = excluded.seq, nth = excluded.nth, alert = excluded.alert
                   WHERE (excluded.seq, excluded.nth) >= (alerts.seq, alerts.nth)";
        let put_step = "INSERT OR REPLACE INTO alert_steps (alert, seq, nth, at, step, detail)
                        VALUES (?, ?, ?, ?, ?, ?)";
        let mut tx = self.begin().await?;
        for record in records {
            let detail = encoded("a step of an alert", &StepDetail::of(&record))?;
            let AlertRecord { offset, nth, step, alert, others: _ } = record;
            sqlx::query(put)
                .bind(int(alert.id.0))
                .bind(&*alert.rule.0)
                .bind(word(&alert.state))
                .bind(alert.raised_at.ms())
                .bind(alert.ended_at.map(Time::ms))
                .bind(int(offset.0))
                .bind(i64::from(nth))
                .bind(encoded("an alert", &*alert)?)
                .execute(&mut *tx)
                .await
                .during("writing an alert")?;
            sqlx::query(put_step)
                .bind(int(alert.id.0))
                .bind(int(offset.0))
                .bind(i64::from(nth))
                .bind(alert.updated_at.ms())
                .bind(word(&step))
                .bind(detail)
                .execute(&mut *tx)
                .await
                .during("writing a step of an alert")?;
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

/// Every step of an alert, oldest first.
pub async fn steps(readers: &SqlitePool, id: AlertId) -> Result<Vec<PastStep>, StoreError> {
    let list = "SELECT alert, seq, at, step, detail FROM alert_steps WHERE alert = ?
                ORDER BY seq, nth";
    let found = sqlx::query(list)
        .bind(int(id.0))
        .fetch_all(readers)
        .await
        .during("reading the steps of an alert")?;
    found.iter().map(rows::step).collect()
}
