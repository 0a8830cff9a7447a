//! Tokens.

use sqlx::{QueryBuilder, SqlitePool};

use crate::access::TokenId;
use crate::domain::Time;

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::error::During;
use super::super::known;
use super::super::registry::{NewToken, Secret, Token};
use super::super::rows::int;
use super::list::push_list;
use super::{Sqlite, audit};

/// The token of a secret.
pub async fn of(readers: &SqlitePool, secret: Secret) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query("SELECT * FROM tokens WHERE secret = ?")
        .bind(&secret[..])
        .fetch_optional(readers)
        .await
        .during("looking for a token")?;
    row.as_ref().map(known::token).transpose()
}

/// The tokens of some secrets.
pub async fn of_all(
    readers: &SqlitePool,
    secrets: Vec<Secret>,
) -> Result<Vec<(Secret, Token)>, StoreError> {
    let mut query = QueryBuilder::new("SELECT * FROM tokens WHERE secret IN ");
    push_list(&mut query, secrets.iter().map(|secret| secret.to_vec()));
    let rows = query.build().fetch_all(readers).await.during("looking for tokens")?;
    rows.iter().map(|row| Ok((known::secret(row, "tokens")?, known::token(row)?))).collect()
}

/// Every token.
pub async fn all(readers: &SqlitePool) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query("SELECT * FROM tokens ORDER BY id")
        .fetch_all(readers)
        .await
        .during("listing tokens")?;
    rows.iter().map(known::token).collect()
}

/// Notes that a token was used.
pub async fn touch(writer: &SqlitePool, id: TokenId, at: Time) -> Result<(), StoreError> {
    sqlx::query("UPDATE tokens SET last_use = max(last_use, ?) WHERE id = ?")
        .bind(at.ms())
        .bind(int(id.0))
        .execute(writer)
        .await
        .during("noting the use of a token")?;
    Ok(())
}

/// Notes that some tokens were used.
pub async fn touch_all(writer: &SqlitePool, ids: Vec<TokenId>, at: Time) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::new("UPDATE tokens SET last_use = max(last_use, ");
    query.push_bind(at.ms()).push(") WHERE id IN ");
    push_list(&mut query, ids.into_iter().map(|id| int(id.0)));
    query.build().execute(writer).await.during("noting the use of tokens")?;
    Ok(())
}

impl Sqlite {
    pub(super) async fn make_token(
        &self,
        new: NewToken,
        entry: Entry,
    ) -> Result<TokenId, StoreError> {
        let put = "INSERT INTO tokens (name, agency, scopes, secret, created_at, ends_at)
                   VALUES (?, ?, ?, ?, ?, ?)";
        let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.word()).collect();
        let mut tx = self.begin().await?;
        let done = sqlx::query(put)
            .bind(&*new.name)
            .bind(i64::from(new.agency.number()))
            .bind(scopes.join(" "))
            .bind(&new.secret[..])
            .bind(new.at.ms())
            .bind(new.ends_at.map_or(0, Time::ms))
            .execute(&mut *tx)
            .await
            .during("writing a token")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing a token")?;
        Ok(TokenId(done.last_insert_rowid().unsigned_abs()))
    }

    pub(super) async fn withdraw_token(
        &self,
        id: TokenId,
        at: Time,
        entry: Entry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at = 0")
            .bind(at.ms())
            .bind(int(id.0))
            .execute(&mut *tx)
            .await
            .during("revoking a token")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing the end of a token")
    }
}
