//! Who accounts are to providers of OpenID Connect.

use sqlx::postgres::{PgConnection, PgPool};

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::contents::IdentityRow;
use super::super::error::During;
use super::super::known;
use super::super::registry::{Account, Identity, NewAccount};
use super::super::rows::int;
use super::{Postgis, accounts, audit, locks};

/// The account of an identity.
pub async fn of(readers: &PgPool, who: &Identity) -> Result<Option<Account>, StoreError> {
    let one = "SELECT id AS account, name, display, agency, role, disabled, \
               must_change, password_at, last_sign_in, failed_tries, \
               CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
               CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             created_at AS made_at FROM accounts \
               WHERE id = (SELECT account FROM identities WHERE issuer = $1 AND subject = $2)";
    let row = sqlx::query(one)
        .bind(&*who.issuer)
        .bind(&*who.subject)
        .fetch_optional(readers)
        .await
        .during("looking for an identity")?;
    row.as_ref().map(known::account).transpose()
}

/// Writes who an account is.
pub async fn put(to: &mut PgConnection, row: &IdentityRow) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO identities (account, issuer, subject) VALUES ($1, $2, $3)")
        .bind(int(row.account.0))
        .bind(&*row.issuer)
        .bind(&*row.subject)
        .execute(to)
        .await
        .during("writing an identity")?;
    Ok(())
}

impl Postgis {
    pub(super) async fn make_identified(
        &self,
        new: NewAccount,
        who: Identity,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        if accounts::named(&mut *tx, &new.name).await?.is_some() {
            return Ok(false);
        }
        let account = accounts::insert(&mut tx, &new).await?;
        let Identity { issuer, subject } = who;
        put(&mut tx, &IdentityRow { account, issuer, subject }).await?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing an account")?;
        Ok(true)
    }
}
