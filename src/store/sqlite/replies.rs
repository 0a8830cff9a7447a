//! Requests that came with a key.

use sqlx::SqliteConnection;

use crate::domain::Time;

use super::super::error::During;
use super::super::replies::{Begun, Digest, REMEMBERED_MS, Replies, Reply, RequestName, begun};
use super::super::{Answer, StoreError};
use super::Sqlite;

/// Writes that a request was carried out, within the transaction that does so.
pub async fn carry_out(to: &mut SqliteConnection, request: &RequestName) -> Result<(), StoreError> {
    sqlx::query("UPDATE replies SET done = 1 WHERE who = ? AND key = ?")
        .bind(&*request.who)
        .bind(&*request.key)
        .execute(to)
        .await
        .during("writing that a request was carried out")?;
    Ok(())
}

impl Replies for Sqlite {
    fn begin_request(&self, name: RequestName, asks: Digest, now: Time) -> Answer<'_, Begun> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            sqlx::query("DELETE FROM replies WHERE begun_at <= ?")
                .bind((now - REMEMBERED_MS).ms())
                .execute(&mut *tx)
                .await
                .during("forgetting old requests")?;
            let row = sqlx::query("SELECT * FROM replies WHERE who = ? AND key = ?")
                .bind(&*name.who)
                .bind(&*name.key)
                .fetch_optional(&mut *tx)
                .await
                .during("looking for a request")?;
            let known = begun(row.as_ref(), &asks, now)?;
            if known == Begun::New {
                let put = "INSERT INTO replies (who, key, request, begun_at) VALUES (?, ?, ?, ?)
                           ON CONFLICT (who, key) DO UPDATE SET begun_at = excluded.begun_at";
                sqlx::query(put)
                    .bind(&*name.who)
                    .bind(&*name.key)
                    .bind(&asks[..])
                    .bind(now.ms())
                    .execute(&mut *tx)
                    .await
                    .during("beginning a request")?;
            }
            tx.commit().await.during("committing a request")?;
            Ok(known)
        })
    }

    fn keep_reply(&self, name: RequestName, reply: Option<Reply>) -> Answer<'_, ()> {
        Box::pin(async move {
            let Reply { status, media_type, body } = reply.unwrap_or_default();
            let put = "UPDATE replies SET done = 1, status = ?, media_type = ?, body = ?
                       WHERE who = ? AND key = ?";
            sqlx::query(put)
                .bind(status)
                .bind(media_type)
                .bind(body)
                .bind(&*name.who)
                .bind(&*name.key)
                .execute(&self.writer)
                .await
                .during("keeping what was answered")?;
            Ok(())
        })
    }

    fn withdraw_request(&self, name: RequestName) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM replies WHERE who = ? AND key = ? AND done = 0")
                .bind(&*name.who)
                .bind(&*name.key)
                .execute(&self.writer)
                .await
                .during("withdrawing a request")?;
            Ok(())
        })
    }
}
