//! Units beside the log.

use std::sync::Arc;

use sqlx::{QueryBuilder, SqliteConnection};

use crate::domain::{NewUnit, Unit};

use super::super::error::During;
use super::super::rows::{self, int, word};
use super::super::verdicts::{self, Codes, all_of};
use super::super::{StoreError, Transfer, Verdict};
use super::rows::chunks;

/// Numbers what is new of these registrations and writes it, and what is known
/// otherwise now, for batch `seq`; see [`verdicts::of_registrations`].
pub async fn accept(
    to: &mut SqliteConnection,
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
    write(to, &all_of(seq, &accepted)).await?;
    Ok((verdicts, accepted))
}

async fn look_up(from: &mut SqliteConnection, of: &[NewUnit]) -> Result<Codes, StoreError> {
    let mut known = Codes::default();
    for chunk in chunks(of) {
        let mut query = QueryBuilder::new("SELECT * FROM units WHERE code IN (");
        let mut list = query.separated(", ");
        for registration in chunk {
            list.push_bind(&*registration.code);
        }
        let found = query
            .push(")")
            .build()
            .fetch_all(&mut *from)
            .await
            .during("looking for units known already")?;
        for row in &found {
            let unit = rows::unit(row)?;
            known.insert(Arc::clone(&unit.code), unit);
        }
    }
    Ok(known)
}

/// Writes units, each with the batch in which it last changed.
pub async fn write(to: &mut SqliteConnection, all: &[(u64, &Unit)]) -> Result<(), StoreError> {
    for chunk in chunks(all) {
        let mut query =
            QueryBuilder::new("INSERT INTO units (id, code, name, kind, agency, provenance, seq) ");
        query.push_values(chunk, |mut row, (seq, unit)| {
            row.push_bind(i64::from(unit.id.0))
                .push_bind(&*unit.code)
                .push_bind(&*unit.name)
                .push_bind(word(&unit.kind))
                .push_bind(i64::from(unit.agency.number()))
                .push_bind(word(&unit.provenance))
                .push_bind(int(*seq));
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, \
             agency = excluded.agency, provenance = excluded.provenance, seq = excluded.seq",
        );
        query.build().execute(&mut *to).await.during("writing units")?;
    }
    Ok(())
}
