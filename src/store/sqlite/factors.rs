//! Second factors of accounts.

use sqlx::SqliteConnection;

use crate::access::{AccountId, SessionId};
use crate::domain::Time;

use super::super::audit::Entry;
use super::super::error::During;
use super::super::factors::{Factor, Factors, NewFactor};
use super::super::known;
use super::super::registry::Secret;
use super::super::rows::int;
use super::super::{Answer, StoreError};
use super::{Sqlite, audit};

impl Factors for Sqlite {
    fn factor(&self, id: AccountId) -> Answer<'_, Option<Factor>> {
        Box::pin(async move {
            let one = "SELECT id AS account, factor, (SELECT count(*) FROM recovery_codes
                       WHERE account = accounts.id AND used_at = 0) AS recovery_codes
                       FROM accounts WHERE id = ? AND factor IS NOT NULL";
            let row = sqlx::query(one)
                .bind(int(id.0))
                .fetch_optional(&self.readers)
                .await
                .during("looking for a second factor")?;
            row.as_ref().map(known::factor).transpose()
        })
    }

    fn add_factor(
        &self,
        id: AccountId,
        new: NewFactor,
        keep: SessionId,
        entry: Entry,
    ) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let put = "UPDATE accounts SET factor = ?, factor_step = ?
                       WHERE id = ? AND factor IS NULL";
            let done = sqlx::query(put)
                .bind(&new.secret[..])
                .bind(int(new.step))
                .bind(int(id.0))
                .execute(&mut *tx)
                .await
                .during("writing a second factor")?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            for code in new.recovery_codes {
                put_recovery(&mut tx, id, code, None).await?;
            }
            end_sessions(&mut tx, id, Some(keep)).await?;
            audit::write(&mut tx, &[entry]).await?;
            tx.commit().await.during("committing a second factor")?;
            Ok(true)
        })
    }

    fn remove_factor(
        &self,
        id: AccountId,
        keep: Option<SessionId>,
        entry: Entry,
    ) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let put = "UPDATE accounts SET factor = NULL, factor_step = 0
                       WHERE id = ? AND factor IS NOT NULL";
            let done = sqlx::query(put)
                .bind(int(id.0))
                .execute(&mut *tx)
                .await
                .during("taking a second factor off")?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query("DELETE FROM recovery_codes WHERE account = ?")
                .bind(int(id.0))
                .execute(&mut *tx)
                .await
                .during("forgetting recovery codes")?;
            end_sessions(&mut tx, id, keep).await?;
            audit::write(&mut tx, &[entry]).await?;
            tx.commit().await.during("committing that there is no second factor")?;
            Ok(true)
        })
    }

    fn use_step(&self, id: AccountId, step: u64) -> Answer<'_, bool> {
        Box::pin(async move {
            let put = "UPDATE accounts SET factor_step = ?
                       WHERE id = ? AND factor IS NOT NULL AND factor_step < ?";
            let query = sqlx::query(put).bind(int(step)).bind(int(id.0)).bind(int(step));
            let done = query.execute(&self.writer).await.during("using a code up")?;
            Ok(done.rows_affected() == 1)
        })
    }

    fn use_recovery(
        &self,
        id: AccountId,
        code: Secret,
        at: Time,
        entry: Entry,
    ) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let put = "UPDATE recovery_codes SET used_at = ?
                       WHERE account = ? AND code = ? AND used_at = 0";
            let done = sqlx::query(put)
                .bind(at.ms())
                .bind(int(id.0))
                .bind(&code[..])
                .execute(&mut *tx)
                .await
                .during("using a recovery code up")?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            audit::write(&mut tx, &[entry]).await?;
            tx.commit().await.during("committing the use of a recovery code")?;
            Ok(true)
        })
    }
}

/// Writes a recovery code.
pub async fn put_recovery(
    to: &mut SqliteConnection,
    id: AccountId,
    code: Secret,
    used_at: Option<Time>,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO recovery_codes (account, code, used_at) VALUES (?, ?, ?)")
        .bind(int(id.0))
        .bind(&code[..])
        .bind(used_at.map_or(0, Time::ms))
        .execute(to)
        .await
        .during("writing a recovery code")?;
    Ok(())
}

async fn end_sessions(
    of: &mut SqliteConnection,
    id: AccountId,
    keep: Option<SessionId>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE account = ? AND id <> ?")
        .bind(int(id.0))
        .bind(keep.map_or(0, |keep| int(keep.0)))
        .execute(of)
        .await
        .during("ending an account's sessions")?;
    Ok(())
}
