//! From a row of either database to a row of the contents.

use std::net::IpAddr;

use crate::access::{AccountId, SessionId};
use crate::domain::{AlertId, Offset, Time};

use super::super::registry::{Account, Secret, Token};
use super::super::rows::{self, Cells, Record};
use super::super::{Forgetting, StoreError, known};
use super::{
    AccountRow, AlertRow, BatchRow, FactorRow, IdentityRow, IncidentRow, Note, Part, Row,
    SessionRow, StepRow, TokenRow, UnitRow,
};

impl Part {
    /// A row of the part, of one of the database with all its columns.
    pub(in super::super) fn row(self, row: &impl Record) -> Result<Row, StoreError> {
        Ok(match self {
            Self::Notes => Row::Note(note(row)?),
            Self::Log => Row::Batch(batch(row)?),
            Self::Incidents => {
                let offset = offset(&Cells::of(row, "incidents", "id")?)?;
                let owner = rows::owner(row)?;
                Row::Incident(IncidentRow { offset, owner, incident: rows::incident(row)? })
            }
            Self::Units => {
                let offset = offset(&Cells::of(row, "units", "id")?)?;
                Row::Unit(UnitRow { offset, unit: rows::unit(row)? })
            }
            Self::Alerts => {
                let cells = Cells::of(row, "alerts", "id")?;
                let (offset, nth) = (offset(&cells)?, cells.small("nth")?);
                Row::Alert(Box::new(AlertRow { offset, nth, alert: rows::alert(row)? }))
            }
            Self::AlertSteps => Row::Step(step(row)?),
            Self::Forgetting => Row::Forgetting(Forgetting::of(row)?),
            Self::Accounts => Row::Account(account(row)?),
            Self::Identities => Row::Identity(identity(row)?),
            Self::Sessions => Row::Session(session(row)?),
            Self::Tokens => Row::Token(token(row)?),
            Self::Audit => Row::Entry(known::entry(row)?),
        })
    }
}

fn offset(cells: &Cells<'_, impl Record>) -> Result<Offset, StoreError> {
    cells.number("seq").map(Offset)
}

fn note(row: &impl Record) -> Result<Note, StoreError> {
    let cells = Cells::keyed(row, "meta", -1);
    Ok(Note { key: cells.text("key")?.to_owned(), value: cells.text("value")?.to_owned() })
}

fn batch(row: &impl Record) -> Result<BatchRow, StoreError> {
    let (offset, at) = rows::place(row)?;
    let events = Cells::of(row, "log", "seq")?.events("blob")?;
    Ok(BatchRow { offset, at, events })
}

fn step(row: &impl Record) -> Result<StepRow, StoreError> {
    let cells = Cells::of(row, "alert_steps", "alert")?;
    Ok(StepRow {
        alert: AlertId(cells.number("alert")?),
        offset: offset(&cells)?,
        nth: cells.small("nth")?,
        at: cells.time("at")?,
        step: cells.word("step")?,
        detail: cells.decoded("detail")?,
    })
}

fn account(row: &impl Record) -> Result<AccountRow, StoreError> {
    let Account {
        id,
        name,
        display,
        agency,
        role,
        disabled,
        created_at,
        must_change,
        password_at,
        last_sign_in,
        failed_tries,
        has_factor: _,
        has_password: _,
    } = known::account(row)?;
    let password = Cells::of(row, "accounts", "account")?.maybe("password")?.map(str::to_owned);
    Ok(AccountRow {
        id,
        name,
        display,
        agency,
        role,
        password,
        disabled,
        created_at,
        password_at,
        must_change,
        last_sign_in,
        failed_tries,
        factor: FactorRow::of(row)?,
    })
}

fn identity(row: &impl Record) -> Result<IdentityRow, StoreError> {
    let cells = Cells::of(row, "identities", "account")?;
    Ok(IdentityRow {
        account: AccountId(cells.number("account")?),
        issuer: cells.text("issuer")?.into(),
        subject: cells.text("subject")?.into(),
    })
}

fn session(row: &impl Record) -> Result<SessionRow, StoreError> {
    let cells = Cells::of(row, "sessions", "id")?;
    let address = cells.maybe("address")?.map(str::parse::<IpAddr>).transpose();
    Ok(SessionRow {
        id: SessionId(cells.number("id")?),
        account: AccountId(cells.number("account")?),
        secret: secret(&cells)?,
        created_at: Time::from_ms(cells.int("created_at")?),
        last_use: Time::from_ms(cells.int("last_use")?),
        idle_ms: cells.int("idle_ms")?,
        ends_at: Time::from_ms(cells.int("ends_at")?),
        address: address.map_err(|why| cells.corrupt("address", &why))?,
        agent: cells.text("agent")?.to_owned(),
        verified_at: Time::from_ms(cells.int("verified_at")?),
    })
}

fn token(row: &impl Record) -> Result<TokenRow, StoreError> {
    let Token { id, name, agency, scopes, created_at, last_use, ends_at, revoked_at } =
        known::token(row)?;
    let secret = secret(&Cells::of(row, "tokens", "id")?)?;
    Ok(TokenRow { id, name, agency, scopes, secret, created_at, last_use, ends_at, revoked_at })
}

fn secret(cells: &Cells<'_, impl Record>) -> Result<Secret, StoreError> {
    let bytes = cells.bytes("secret")?.try_into();
    bytes.map_err(|_size| cells.corrupt("secret", &"not 32 bytes"))
}
