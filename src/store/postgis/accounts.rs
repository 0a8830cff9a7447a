//! Accounts.

use sqlx::Row;
use sqlx::postgres::{PgConnection, PgExecutor};

use crate::access::{AccountId, SessionId};
use crate::domain::Time;

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::error::During;
use super::super::known;
use super::super::registry::{Account, AccountChange, Changed, NewAccount, OnlyIf};
use super::super::rows::{int, word};
use super::{Postgis, audit, locks};

/// Whether there is any account.
pub async fn any(from: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM accounts)")
        .fetch_one(from)
        .await
        .during("looking for accounts")
}

/// Every account.
pub async fn all(from: impl PgExecutor<'_>) -> Result<Vec<Account>, StoreError> {
    let list = "SELECT id AS account, name, display, agency, role, disabled, \
                must_change, password_at, last_sign_in, failed_tries, \
                CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
                CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             created_at AS made_at FROM accounts ORDER BY id";
    let rows = sqlx::query(list).fetch_all(from).await.during("listing accounts")?;
    rows.iter().map(known::account).collect()
}

/// The account of a name, and its password's hash.
pub async fn named(
    from: impl PgExecutor<'_>,
    name: &str,
) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let one = "SELECT id AS account, name, display, agency, role, disabled, \
               must_change, password_at, last_sign_in, failed_tries, \
               CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
               CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             created_at AS made_at, password FROM accounts WHERE name = $1";
    let row =
        sqlx::query(one).bind(name).fetch_optional(from).await.during("looking for an account")?;
    let Some(row) = row else { return Ok(None) };
    let password = row.try_get("password").during("looking for an account")?;
    Ok(Some((known::account(&row)?, password)))
}

/// The account of a number.
pub async fn numbered(from: &mut PgConnection, id: i64) -> Result<Option<Account>, StoreError> {
    let one = "SELECT id AS account, name, display, agency, role, disabled, \
               must_change, password_at, last_sign_in, failed_tries, \
               CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
               CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             created_at AS made_at FROM accounts WHERE id = $1";
    let row =
        sqlx::query(one).bind(id).fetch_optional(from).await.during("looking for an account")?;
    row.as_ref().map(known::account).transpose()
}

/// Writes an account; its name must be free.
pub async fn insert(to: &mut PgConnection, new: &NewAccount) -> Result<AccountId, StoreError> {
    let put = "INSERT INTO accounts
               (name, display, agency, role, password, created_at, password_at, must_change)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    let id: i64 = sqlx::query_scalar(put)
        .bind(&*new.name)
        .bind(&*new.display)
        .bind(i64::from(new.agency.number()))
        .bind(word(&new.role))
        .bind(new.password.as_deref())
        .bind(new.at.ms())
        .bind(if new.password.is_some() { new.at.ms() } else { 0 })
        .bind(i32::from(new.must_change))
        .fetch_one(to)
        .await
        .during("writing an account")?;
    Ok(AccountId(id.unsigned_abs()))
}

/// Counts that somebody could not sign in.
pub async fn count_failure(to: impl PgExecutor<'_>, id: AccountId) -> Result<(), StoreError> {
    sqlx::query("UPDATE accounts SET failed_tries = failed_tries + 1 WHERE id = $1")
        .bind(int(id.0))
        .execute(to)
        .await
        .during("counting a failed sign-in")?;
    Ok(())
}

/// Notes that an account has signed in.
pub async fn note_sign_in(
    to: impl PgExecutor<'_>,
    id: AccountId,
    at: Time,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE accounts SET last_sign_in = $1, failed_tries = 0 WHERE id = $2")
        .bind(at.ms())
        .bind(int(id.0))
        .execute(to)
        .await
        .during("noting a sign-in")?;
    Ok(())
}

impl Postgis {
    pub(super) async fn make_account(
        &self,
        new: NewAccount,
        first: bool,
        entry: Entry,
    ) -> Result<Option<AccountId>, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        let taken =
            if first { any(&mut *tx).await? } else { named(&mut *tx, &new.name).await?.is_some() };
        if taken {
            return Ok(None);
        }
        let id = insert(&mut tx, &new).await?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing an account")?;
        Ok(Some(id))
    }

    pub(super) async fn alter_account(
        &self,
        id: AccountId,
        change: AccountChange,
        keep: Option<SessionId>,
        only_if: OnlyIf,
        entry: Entry,
    ) -> Result<Changed, StoreError> {
        let put = "UPDATE accounts SET display = coalesce($1, display),
                   agency = coalesce($2, agency), role = coalesce($3, role),
                   disabled = coalesce($4, disabled), password = coalesce($5, password),
                   password_at = CASE WHEN $5 IS NULL THEN password_at ELSE $6 END,
                   must_change = CASE WHEN $5 IS NULL THEN must_change ELSE $7 END
                   WHERE id = $8";
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        let judged = only_if.judge(&all(&mut *tx).await?, id, &change);
        if judged != Changed::Done {
            return Ok(judged);
        }
        sqlx::query(put)
            .bind(change.display.as_deref())
            .bind(change.agency.map(|agency| i64::from(agency.number())))
            .bind(change.role.map(|role| word(&role)))
            .bind(change.disabled.map(i64::from))
            .bind(change.password.as_deref())
            .bind(change.at.ms())
            .bind(i32::from(change.must_change))
            .bind(int(id.0))
            .execute(&mut *tx)
            .await
            .during("changing an account")?;
        if change.password.is_some() || change.disabled == Some(true) {
            sqlx::query("DELETE FROM sessions WHERE account = $1 AND id <> $2")
                .bind(int(id.0))
                .bind(keep.map_or(0, |keep| int(keep.0)))
                .execute(&mut *tx)
                .await
                .during("ending an account's sessions")?;
        }
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing a change of an account")?;
        Ok(Changed::Done)
    }
}
