//! Units beside the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::postgres::PgConnection;

use crate::domain::{NewUnit, Unit};

use super::super::error::During;
use super::super::rows::{self, int, word};
use super::super::verdicts::{self, Codes, all_of};
use super::super::{StoreError, Transfer, Verdict};
use super::rows::column;

/// Numbers what is new of these registrations and writes it, and what is known
/// otherwise now, for batch `seq`; see [`verdicts::of_registrations`].
pub async fn accept(
    to: &mut PgConnection,
    registrations: Vec<NewUnit>,
    transfers: &[Transfer],
    seq: u64,
    spooled: bool,
) -> Result<(Vec<Verdict>, Vec<Unit>), StoreError> {
    if registrations.is_empty() {
        return Ok(Default::default());
    }
    let known = look_up(to, &registrations).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM units")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest unit")?;
    let newest = newest.unwrap_or_default().unsigned_abs();
    let (verdicts, accepted) =
        verdicts::of_registrations(registrations, transfers, known, newest, spooled);
    if !accepted.is_empty() {
        write(to, &all_of(seq, &accepted)).await?;
    }
    Ok((verdicts, accepted))
}

async fn look_up(from: &mut PgConnection, of: &[NewUnit]) -> Result<Codes, StoreError> {
    let found = sqlx::query("SELECT * FROM units WHERE code = ANY ($1)")
        .bind(column(of, |registration| &*registration.code))
        .fetch_all(from)
        .await
        .during("looking for units known already")?;
    let mut known = Codes::default();
    for row in &found {
        let unit = rows::unit(row)?;
        known.insert(Arc::clone(&unit.code), unit);
    }
    Ok(known)
}

/// Writes units, each with the batch in which it last changed.
pub async fn write(to: &mut PgConnection, all: &[(u64, &Unit)]) -> Result<(), StoreError> {
    // One statement writes a row once: the last of those that are of one unit.
    let last: BTreeMap<_, _> = all.iter().map(|(seq, unit)| (unit.id, (*seq, *unit))).collect();
    let last: Vec<_> = last.into_values().collect();
    let put = "INSERT INTO units (id, code, name, kind, agency, provenance, seq)
               SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[],
                   $5::bigint[], $6::text[], $7::bigint[])
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                   agency = excluded.agency, provenance = excluded.provenance,
                   seq = excluded.seq";
    sqlx::query(put)
        .bind(column(&last, |(_, unit)| i64::from(unit.id.0)))
        .bind(column(&last, |(_, unit)| &*unit.code))
        .bind(column(&last, |(_, unit)| &*unit.name))
        .bind(column(&last, |(_, unit)| word(&unit.kind)))
        .bind(column(&last, |(_, unit)| i64::from(unit.agency.number())))
        .bind(column(&last, |(_, unit)| word(&unit.provenance)))
        .bind(column(&last, |(seq, _)| int(*seq)))
        .execute(to)
        .await
        .during("writing units")?;
    Ok(())
}
