//! Sessions.

use sqlx::postgres::{PgConnection, PgPool};

use crate::access::{AccountId, SessionId};
use crate::domain::Time;

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::error::During;
use super::super::known;
use super::super::registry::{NewSession, Secret, Session};
use super::super::rows::int;
use super::{Postgis, accounts, audit, locks};

/// Sessions with their accounts, of those that a condition holds for.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT sessions.id, secret, sessions.created_at, last_use, idle_ms, ends_at, address, agent, \
             verified_at, \
             accounts.id AS account, name, display, agency, role, disabled, \
             must_change, password_at, last_sign_in, failed_tries, \
             CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
             CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             accounts.created_at AS made_at \
             FROM sessions JOIN accounts ON accounts.id = sessions.account WHERE ",
            $condition
        )
    };
}

const BY_SECRET: &str = select!("secret = $1");

const BY_SECRETS: &str = select!("secret = ANY($1)");

const GOOD: &str = select!(
    "disabled = 0 AND ends_at > $1 AND last_use + idle_ms > $1 \
     AND ($2 IS NULL OR sessions.account = $2) ORDER BY sessions.id"
);

/// Writes a session, and notes that its account has signed in; forgets those that are over,
/// and of its account those that rested longest, if there are more than it has at once.
pub async fn insert(to: &mut PgConnection, new: &NewSession) -> Result<SessionId, StoreError> {
    sqlx::query("DELETE FROM sessions WHERE ends_at <= $1 OR last_use + idle_ms <= $1")
        .bind(new.at.ms())
        .execute(&mut *to)
        .await
        .during("forgetting sessions that are over")?;
    let room = "DELETE FROM sessions WHERE account = $1 AND id NOT IN
                    (SELECT id FROM sessions WHERE account = $1
                     ORDER BY last_use DESC, id DESC LIMIT $2)";
    sqlx::query(room)
        .bind(int(new.account.0))
        .bind(i64::from(new.most.saturating_sub(1)))
        .execute(&mut *to)
        .await
        .during("ending the sessions that rested longest")?;
    accounts::note_sign_in(&mut *to, new.account, new.at).await?;
    let put = "INSERT INTO sessions
               (account, secret, created_at, last_use, idle_ms, ends_at, address, agent,
                verified_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    let id: i64 = sqlx::query_scalar(put)
        .bind(int(new.account.0))
        .bind(&new.secret[..])
        .bind(new.at.ms())
        .bind(new.at.ms())
        .bind(new.idle_ms)
        .bind(new.ends_at.ms())
        .bind(new.address.map(|address| address.to_string()))
        .bind(&*new.agent)
        .bind(new.at.ms())
        .fetch_one(to)
        .await
        .during("writing a session")?;
    Ok(SessionId(id.unsigned_abs()))
}

/// The session of a secret.
pub async fn of(readers: &PgPool, secret: Secret) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query(BY_SECRET)
        .bind(&secret[..])
        .fetch_optional(readers)
        .await
        .during("looking for a session")?;
    row.as_ref().map(known::session).transpose()
}

/// The sessions of some secrets.
pub async fn of_all(
    readers: &PgPool,
    secrets: Vec<Secret>,
) -> Result<Vec<(Secret, Session)>, StoreError> {
    let secrets: Vec<&[u8]> = secrets.iter().map(|secret| &secret[..]).collect();
    let rows = sqlx::query(BY_SECRETS)
        .bind(&secrets)
        .fetch_all(readers)
        .await
        .during("looking for sessions")?;
    rows.iter().map(|row| Ok((known::secret(row, "sessions")?, known::session(row)?))).collect()
}

/// Every session that may still be used.
pub async fn good(
    readers: &PgPool,
    of: Option<AccountId>,
    now: Time,
) -> Result<Vec<Session>, StoreError> {
    let rows = sqlx::query(GOOD)
        .bind(now.ms())
        .bind(of.map(|of| int(of.0)))
        .fetch_all(readers)
        .await
        .during("listing sessions")?;
    rows.iter().map(known::session).collect()
}

/// Notes that a session was used.
pub async fn touch(writers: &PgPool, id: SessionId, at: Time) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET last_use = greatest(last_use, $1) WHERE id = $2")
        .bind(at.ms())
        .bind(int(id.0))
        .execute(writers)
        .await
        .during("noting the use of a session")?;
    Ok(())
}

/// Notes that some sessions were used.
pub async fn touch_all(writers: &PgPool, ids: Vec<SessionId>, at: Time) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| int(id.0)).collect();
    sqlx::query("UPDATE sessions SET last_use = greatest(last_use, $1) WHERE id = ANY($2)")
        .bind(at.ms())
        .bind(ids)
        .execute(writers)
        .await
        .during("noting the use of sessions")?;
    Ok(())
}

impl Postgis {
    pub(super) async fn make_session(
        &self,
        new: NewSession,
        entry: Entry,
    ) -> Result<SessionId, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        let id = insert(&mut tx, &new).await?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing a session")?;
        Ok(id)
    }

    pub(super) async fn drop_session(&self, id: SessionId, entry: Entry) -> Result<(), StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        sqlx::query("DELETE FROM sessions WHERE id = $1")
            .bind(int(id.0))
            .execute(&mut *tx)
            .await
            .during("ending a session")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing the end of a session")
    }
}
