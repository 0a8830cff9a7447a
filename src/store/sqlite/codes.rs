//! The codes that walls show.

use sqlx::SqliteConnection;

use crate::access::Role;
use crate::domain::Time;

use super::super::StoreError;
use super::super::audit::Entry;
use super::super::error::During;
use super::super::registry::{
    Account, Claimed, Granted, NewAccount, NewSession, Secret, WallCode, WallSession,
};
use super::super::rows::int;
use super::{Sqlite, accounts, audit, sessions};

impl Sqlite {
    pub(super) async fn keep_code(
        &self,
        new: WallCode,
        instead_of: Option<String>,
        most: u32,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        forget_old(&mut tx, new.at).await?;
        sqlx::query("DELETE FROM wall_codes WHERE code = ? AND account IS NULL")
            .bind(instead_of)
            .execute(&mut *tx)
            .await
            .during("taking a wall's code back")?;
        let many: i64 = sqlx::query_scalar("SELECT count(*) FROM wall_codes")
            .fetch_one(&mut *tx)
            .await
            .during("counting codes of walls")?;
        if many >= i64::from(most) {
            sqlx::query(
                "DELETE FROM wall_codes WHERE code IN (SELECT code FROM wall_codes
                 WHERE account IS NULL ORDER BY ends_at, code LIMIT 1)",
            )
            .execute(&mut *tx)
            .await
            .during("taking the oldest code of a wall back")?;
        }
        let put = "INSERT INTO wall_codes (code, claim, ends_at) VALUES (?, ?, ?)
                   ON CONFLICT DO NOTHING";
        let done = sqlx::query(put)
            .bind(&*new.code)
            .bind(&new.claim[..])
            .bind(new.ends_at.ms())
            .execute(&mut *tx)
            .await
            .during("writing a wall's code")?;
        tx.commit().await.during("committing a wall's code")?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn let_in(
        &self,
        code: String,
        wall: NewAccount,
        now: Time,
        entry: Entry,
    ) -> Result<Granted, StoreError> {
        let mut tx = self.begin().await?;
        forget_old(&mut tx, now).await?;
        let known: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM wall_codes WHERE code = ? AND account IS NULL")
                .bind(&*code)
                .fetch_optional(&mut *tx)
                .await
                .during("looking for a wall's code")?;
        if known.is_none() {
            return Ok(Granted::Unknown);
        }
        let id = match accounts::named(&mut *tx, &wall.name).await? {
            None => accounts::insert(&mut tx, &wall).await?,
            Some((account, _)) if is_same_wall(&account, &wall) => account.id,
            Some(_) => return Ok(Granted::NameTaken),
        };
        sqlx::query("UPDATE wall_codes SET account = ? WHERE code = ?")
            .bind(int(id.0))
            .bind(&*code)
            .execute(&mut *tx)
            .await
            .during("granting a wall's code")?;
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing the grant of a wall's code")?;
        Ok(Granted::Done)
    }

    pub(super) async fn claim(
        &self,
        claim: Secret,
        session: WallSession,
        mut entry: Entry,
    ) -> Result<Claimed, StoreError> {
        let mut tx = self.begin().await?;
        forget_old(&mut tx, session.at).await?;
        let granted: Option<Option<i64>> =
            sqlx::query_scalar("SELECT account FROM wall_codes WHERE claim = ?")
                .bind(&claim[..])
                .fetch_optional(&mut *tx)
                .await
                .during("looking for a wall's code")?;
        let account = match granted {
            None => return Ok(Claimed::Unknown),
            Some(None) => return Ok(Claimed::Waiting),
            Some(Some(account)) => accounts::numbered(&mut tx, account).await?,
        };
        sqlx::query("DELETE FROM wall_codes WHERE claim = ?")
            .bind(&claim[..])
            .execute(&mut *tx)
            .await
            .during("taking a wall's code back")?;
        let Some(account) = account.filter(|account| !account.disabled) else {
            tx.commit().await.during("committing the end of a wall's code")?;
            return Ok(Claimed::Unknown);
        };
        let WallSession { secret, at, idle_ms, ends_at, most, address, agent } = session;
        let account_id = account.id;
        let new =
            NewSession { account: account_id, secret, at, idle_ms, ends_at, most, address, agent };
        let id = sessions::insert(&mut tx, &new).await?;
        (*account.name).clone_into(&mut entry.target);
        entry.about = Some(account.agency);
        audit::write(&mut tx, &[entry]).await?;
        tx.commit().await.during("committing a wall's session")?;
        Ok(Claimed::Done(id, account))
    }
}

fn is_same_wall(account: &Account, wall: &NewAccount) -> bool {
    account.role == Role::Wall && account.agency == wall.agency && !account.disabled
}

async fn forget_old(from: &mut SqliteConnection, now: Time) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM wall_codes WHERE ends_at <= ?")
        .bind(now.ms())
        .execute(from)
        .await
        .during("forgetting codes that are over")?;
    Ok(())
}
