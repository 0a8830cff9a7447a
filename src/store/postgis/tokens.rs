//! Tokens.

use sqlx::postgres::PgPool;

use crate::access::TokenId;
use crate::domain::Time;

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::error::During;
use super::super::known;
use super::super::registry::{NewToken, Secret, Token};
use super::super::rows::int;
use super::{Postgis, audit, locks};

/// The token of a secret.
pub async fn of(readers: &PgPool, secret: Secret) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query("SELECT * FROM tokens WHERE secret = $1")
        .bind(&secret[..])
        .fetch_optional(readers)
        .await
        .during("looking for a token")?;
    row.as_ref().map(known::token).transpose()
}

/// The tokens of some secrets.
pub async fn of_all(
    readers: &PgPool,
    secrets: Vec<Secret>,
) -> Result<Vec<(Secret, Token)>, StoreError> {
    let secrets: Vec<&[u8]> = secrets.iter().map(|secret| &secret[..]).collect();
    let rows = sqlx::query("SELECT * FROM tokens WHERE secret = ANY($1)")
        .bind(&secrets)
        .fetch_all(readers)
        .await
        .during("looking for tokens")?;
    rows.iter().map(|row| Ok((known::secret(row, "tokens")?, known::token(row)?))).collect()
}

/// Every token.
pub async fn all(readers: &PgPool) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query("SELECT * FROM tokens ORDER BY id")
        .fetch_all(readers)
        .await
        .during("listing tokens")?;
    rows.iter().map(known::token).collect()
}

/// Notes that a token was used.
pub async fn touch(writers: &PgPool, id: TokenId, at: Time) -> Result<(), StoreError> {
    sqlx::query("UPDATE tokens SET last_use = greatest(last_use, $1) WHERE id = $2")
        .bind(at.ms())
        .bind(int(id.0))
        .execute(writers)
        .await
        .during("noting the use of a token")?;
    Ok(())
}

/// Notes that some tokens were used.
pub async fn touch_all(writers: &PgPool, ids: Vec<TokenId>, at: Time) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| int(id.0)).collect();
    sqlx::query("UPDATE tokens SET last_use = greatest(last_use, $1) WHERE id = ANY($2)")
        .bind(at.ms())
        .bind(ids)
        .execute(writers)
        .await
        .during("noting the use of tokens")?;
    Ok(())
}

impl Postgis {
    pub(super) async fn make_token(
        &self,
        new: NewToken,
        entry: Entry,
    ) -> Result<TokenId, StoreError> {
        let put = "INSERT INTO tokens (name, agency, scopes, secret, created_at, ends_at)
                   VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.word()).collect();
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        let id: i64 = sqlx::query_scalar(put)
            .bind(&*new.name)
            .bind(i64::from(new.agency.number()))
            .bind(scopes.join(" "))
            .bind(&new.secret[..])
            .bind(new.at.ms())
            .bind(new.ends_at.map_or(0, Time::ms))
            .fetch_one(&mut *tx)
            .await
            .during("writing a token")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing a token")?;
        Ok(TokenId(id.unsigned_abs()))
    }

    pub(super) async fn withdraw_token(
        &self,
        id: TokenId,
        at: Time,
        entry: Entry,
    ) -> Result<(), StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0")
            .bind(at.ms())
            .bind(int(id.0))
            .execute(&mut *tx)
            .await
            .during("revoking a token")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing the end of a token")
    }
}
