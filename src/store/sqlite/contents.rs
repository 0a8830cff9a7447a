//! All that the store holds, taken out and put in.

use futures_util::StreamExt;
use sqlx::{Sqlite as Db, SqliteConnection, Transaction};

use super::super::audit::Entry;
use super::super::contents::{
    AccountRow, Contents, Filling, Part, Reading, Row, Rows, SessionRow, TokenRow,
};
use super::super::error::During;
use super::super::rows::{int, word};
use super::super::{Answer, StoreError};
use super::{Sqlite, alerts, audit, factors, forgetting, identities, incidents, log, notes, units};
use crate::domain::Time;

/// Contents within a transaction.
struct Held(Transaction<'static, Db>);

impl Contents for Sqlite {
    fn still(&self) -> Answer<'_, Box<dyn Reading>> {
        Box::pin(async move {
            let mut tx = self.readers.begin().await.during("beginning to read it all")?;
            // From the first look on it sees nothing that comes later.
            log::head(&mut *tx).await?;
            Ok(Box::new(Held(tx)) as Box<dyn Reading>)
        })
    }

    fn fill(&self) -> Answer<'_, Box<dyn Filling + '_>> {
        Box::pin(async move {
            let mut held = Held(self.begin().await?);
            held.must_be_empty().await?;
            Ok(Box::new(held) as Box<dyn Filling + '_>)
        })
    }
}

/// The rows of a part, by its key.
const fn select(part: Part) -> &'static str {
    match part {
        Part::Notes => {
            "SELECT key, value FROM meta WHERE key NOT IN ('epoch', 'compacted') ORDER BY key"
        }
        Part::Log => "SELECT seq, at, blob FROM log ORDER BY seq",
        Part::Incidents => "SELECT * FROM incidents ORDER BY id",
        Part::Units => "SELECT * FROM units ORDER BY id",
        Part::Alerts => "SELECT id, seq, nth, alert FROM alerts ORDER BY id",
        Part::AlertSteps => "SELECT * FROM alert_steps ORDER BY alert, seq, nth",
        Part::Forgetting => {
            "SELECT seq, coalesce(unit, 0) AS unit, before, reached, fixes FROM forgetting \
             ORDER BY seq"
        }
        Part::Accounts => {
            "SELECT id AS account, name, display, agency, role, password, disabled, \
             must_change, password_at, last_sign_in, failed_tries, \
             CASE WHEN factor IS NULL THEN 0 ELSE 1 END AS has_factor, \
             CASE WHEN password IS NULL THEN 0 ELSE 1 END AS has_password, \
             factor, factor_step, \
             (SELECT group_concat(lower(hex(code)) || ':' || used_at, ' ' ORDER BY code) \
             FROM recovery_codes WHERE account = accounts.id) AS recovery_codes, \
             created_at AS made_at FROM accounts ORDER BY id"
        }
        Part::Identities => "SELECT * FROM identities ORDER BY account",
        Part::Sessions => "SELECT * FROM sessions ORDER BY id",
        Part::Tokens => "SELECT * FROM tokens ORDER BY id",
        Part::Audit => "SELECT * FROM audit ORDER BY number",
    }
}

impl Reading for Held {
    fn rows(&mut self, part: Part) -> Rows<'_> {
        let rows = sqlx::query(select(part)).fetch(&mut *self.0);
        rows.map(move |row| part.row(&row.during("reading it all")?)).boxed()
    }
}

impl Filling for Held {
    fn put(&mut self, rows: Vec<Row>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut some_incidents = Vec::new();
            let mut some_units = Vec::new();
            for row in &rows {
                match row {
                    Row::Incident(row) => {
                        some_incidents.push((row.offset.0, row.owner, &row.incident));
                    }
                    Row::Unit(row) => some_units.push((row.offset.0, &row.unit)),
                    other => put_one(&mut self.0, other).await?,
                }
            }
            incidents::write(&mut self.0, &some_incidents).await?;
            units::write(&mut self.0, &some_units).await
        })
    }

    fn finish<'a>(self: Box<Self>, entry: Entry) -> Answer<'a, ()>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let mut tx = self.0;
            audit::write(&mut tx, &[entry]).await?;
            tx.commit().await.during("committing all that was put there")
        })
    }
}

impl Held {
    async fn must_be_empty(&mut self) -> Result<(), StoreError> {
        for part in Part::ALL.into_iter().filter(|part| *part != Part::Notes) {
            if self.rows(part).next().await.transpose()?.is_some() {
                return Err(StoreError::NotEmpty(part.name()));
            }
        }
        Ok(())
    }
}

async fn put_one(to: &mut SqliteConnection, row: &Row) -> Result<(), StoreError> {
    match row {
        Row::Note(row) => notes::set(&mut *to, &row.key, row.value.clone()).await,
        Row::Batch(row) => log::append(to, row.offset, row.at, &row.events).await,
        Row::Alert(row) => alerts::put(to, row.offset, row.nth, &row.alert).await,
        Row::Step(row) => alerts::put_step(to, row).await,
        Row::Forgetting(row) => forgetting::put(to, row).await,
        Row::Account(row) => put_account(to, row).await,
        Row::Identity(row) => identities::put(to, row).await,
        Row::Session(row) => put_session(to, row).await,
        Row::Token(row) => put_token(to, row).await,
        Row::Entry(row) => audit::put(to, row).await,
        Row::Incident(row) => {
            incidents::write(to, &[(row.offset.0, row.owner, &row.incident)]).await
        }
        Row::Unit(row) => units::write(to, &[(row.offset.0, &row.unit)]).await,
    }
}

async fn put_account(to: &mut SqliteConnection, row: &AccountRow) -> Result<(), StoreError> {
    let put = "INSERT INTO accounts
               (id, name, display, agency, role, password, disabled, created_at, password_at,
                must_change, last_sign_in, failed_tries, factor, factor_step)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(put)
        .bind(int(row.id.0))
        .bind(&*row.name)
        .bind(&*row.display)
        .bind(i64::from(row.agency.number()))
        .bind(word(&row.role))
        .bind(row.password.as_deref())
        .bind(i64::from(row.disabled))
        .bind(row.created_at.ms())
        .bind(row.password_at.ms())
        .bind(i32::from(row.must_change))
        .bind(row.last_sign_in.map_or(0, Time::ms))
        .bind(int(row.failed_tries))
        .bind(row.factor.as_ref().map(|factor| &factor.secret[..]))
        .bind(row.factor.as_ref().map_or(0, |factor| int(factor.step)))
        .execute(&mut *to)
        .await
        .during("writing an account")?;
    for code in row.factor.iter().flat_map(|factor| &factor.recovery_codes) {
        factors::put_recovery(to, row.id, code.hash, code.used_at).await?;
    }
    Ok(())
}

async fn put_session(to: &mut SqliteConnection, row: &SessionRow) -> Result<(), StoreError> {
    let put = "INSERT INTO sessions
               (id, account, secret, created_at, last_use, idle_ms, ends_at, address, agent,
                verified_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(put)
        .bind(int(row.id.0))
        .bind(int(row.account.0))
        .bind(&row.secret[..])
        .bind(row.created_at.ms())
        .bind(row.last_use.ms())
        .bind(row.idle_ms)
        .bind(row.ends_at.ms())
        .bind(row.address.map(|address| address.to_string()))
        .bind(&*row.agent)
        .bind(row.verified_at.ms())
        .execute(to)
        .await
        .during("writing a session")?;
    Ok(())
}

async fn put_token(to: &mut SqliteConnection, row: &TokenRow) -> Result<(), StoreError> {
    let put = "INSERT INTO tokens
               (id, name, agency, scopes, secret, created_at, last_use, ends_at, revoked_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let scopes: Vec<_> = row.scopes.iter().map(|scope| scope.word()).collect();
    sqlx::query(put)
        .bind(int(row.id.0))
        .bind(&*row.name)
        .bind(i64::from(row.agency.number()))
        .bind(scopes.join(" "))
        .bind(&row.secret[..])
        .bind(row.created_at.ms())
        .bind(row.last_use.map_or(0, Time::ms))
        .bind(row.ends_at.map_or(0, Time::ms))
        .bind(row.revoked_at.map_or(0, Time::ms))
        .execute(to)
        .await
        .during("writing a token")?;
    Ok(())
}
