//! From a row of either database to an account, a session, a token, an entry.
//!
//! Times of these tables are whole milliseconds; 0 is none.

use std::net::IpAddr;
use std::sync::Arc;

use crate::access::{AccountId, InvalidScope, Scope, SessionId, TokenId};
use crate::domain::{Code, Time};

use super::StoreError;
use super::audit::{Link, Record as Entered};
use super::factors::{Factor, SECRET};
use super::registry::{Account, Secret, Session, Token};
use super::rows::{Cells, Record};

/// An account, of a row with its columns, `id` as `account` and `created_at` as
/// `made_at`.
pub fn account(row: &impl Record) -> Result<Account, StoreError> {
    let cells = Cells::of(row, "accounts", "account")?;
    Ok(Account {
        id: AccountId(cells.number("account")?),
        name: cells.text("name")?.into(),
        display: cells.text("display")?.into(),
        agency: agency(&cells)?,
        role: cells.word("role")?,
        disabled: cells.int("disabled")? != 0,
        created_at: Time::from_ms(cells.int("made_at")?),
        must_change: cells.int("must_change")? != 0,
        password_at: Time::from_ms(cells.int("password_at")?),
        last_sign_in: time(&cells, "last_sign_in")?,
        failed_tries: cells.number("failed_tries")?,
        has_factor: cells.int("has_factor")? != 0,
        has_password: cells.int("has_password")? != 0,
    })
}

/// A second factor, of a row with its secret and how many recovery codes are left.
pub fn factor(row: &impl Record) -> Result<Factor, StoreError> {
    let cells = Cells::of(row, "accounts", "account")?;
    Ok(Factor { secret: factor_secret(&cells)?, recovery_codes: cells.number("recovery_codes")? })
}

/// The secret of a second factor that there is.
pub fn factor_secret(cells: &Cells<'_, impl Record>) -> Result<[u8; SECRET], StoreError> {
    let secret = cells.bytes("factor")?.try_into();
    secret.map_err(|_size| cells.corrupt("factor", &"not 20 bytes"))
}

/// A session, of a row with its columns and those of its account.
pub fn session(row: &impl Record) -> Result<Session, StoreError> {
    let cells = Cells::of(row, "sessions", "id")?;
    let address = cells.maybe("address")?.map(str::parse::<IpAddr>).transpose();
    Ok(Session {
        id: SessionId(cells.number("id")?),
        account: account(row)?,
        created_at: Time::from_ms(cells.int("created_at")?),
        last_use: Time::from_ms(cells.int("last_use")?),
        idle_ms: cells.int("idle_ms")?,
        ends_at: Time::from_ms(cells.int("ends_at")?),
        address: address.map_err(|why| cells.corrupt("address", &why))?,
        agent: cells.text("agent")?.to_owned(),
        verified_at: Time::from_ms(cells.int("verified_at")?),
    })
}

/// A token, of a row of all its columns.
pub fn token(row: &impl Record) -> Result<Token, StoreError> {
    let cells = Cells::of(row, "tokens", "id")?;
    let time = |column| time(&cells, column);
    let scopes: Result<Vec<Scope>, InvalidScope> =
        cells.text("scopes")?.split_whitespace().map(str::parse).collect();
    Ok(Token {
        id: TokenId(cells.number("id")?),
        name: cells.text("name").map(Arc::<str>::from)?,
        agency: agency(&cells)?,
        scopes: scopes.map_err(|why| cells.corrupt("scopes", &why))?.into(),
        created_at: Time::from_ms(cells.int("created_at")?),
        last_use: time("last_use")?,
        ends_at: time("ends_at")?,
        revoked_at: time("revoked_at")?,
    })
}

/// The secret's hash of a row of sessions or tokens.
pub fn secret(row: &impl Record, table: &'static str) -> Result<Secret, StoreError> {
    let cells = Cells::of(row, table, "id")?;
    let secret = cells.bytes("secret")?.try_into();
    secret.map_err(|_size| cells.corrupt("secret", &"not 32 bytes"))
}

/// An entry of the audit log.
pub fn entry(row: &impl Record) -> Result<Entered, StoreError> {
    let cells = Cells::of(row, "audit", "number")?;
    let link = cells.bytes("link")?.try_into();
    Ok(Entered {
        number: cells.number("number")?,
        line: cells.text("line")?.to_owned(),
        link: Link::new(link.map_err(|_size| cells.corrupt("link", &"not 32 bytes"))?),
    })
}

fn time(cells: &Cells<'_, impl Record>, column: &'static str) -> Result<Option<Time>, StoreError> {
    cells.int(column).map(|ms| (ms != 0).then(|| Time::from_ms(ms)))
}

fn agency(cells: &Cells<'_, impl Record>) -> Result<Code, StoreError> {
    Code::from_number(cells.small("agency")?).map_err(|why| cells.corrupt("agency", &why))
}
