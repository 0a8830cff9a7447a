//! Units beside the log.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, SqliteConnection};

use crate::domain::{Code, NewUnit, Unit, UnitId};

use super::super::error::During;
use super::super::{StoreError, Verdict};
use super::rows::{Cells, chunks, int, word};

/// Numbers what is new of these registrations and writes it, and what is known
/// otherwise now, for batch `seq`.
pub async fn accept(
    to: &mut SqliteConnection,
    registrations: Vec<NewUnit>,
    seq: u64,
) -> Result<(Vec<Verdict>, Vec<Unit>), StoreError> {
    if registrations.is_empty() {
        return Ok(Default::default());
    }
    let mut known = look_up(to, &registrations).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM units")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest unit")?;
    let mut next = newest.unwrap_or_default().unsigned_abs() + 1;
    let mut verdicts = Vec::with_capacity(registrations.len());
    let mut accepted: Vec<Unit> = Vec::with_capacity(registrations.len());
    for registration in registrations {
        let before = known.get(&registration.code);
        let number = before.map_or(next, |unit| u64::from(unit.id.0));
        // Four thousand million units: never.
        let unit = registration.numbered(UnitId(u32::try_from(number).unwrap_or(u32::MAX)));
        if before == Some(&unit) {
            verdicts.push(Verdict::Duplicate(number));
            continue;
        }
        if before.is_none() {
            next += 1;
        }
        verdicts.push(Verdict::Accepted(number));
        known.insert(Arc::clone(&unit.code), unit.clone());
        accepted.push(unit);
    }
    write(to, &accepted, seq).await?;
    Ok((verdicts, accepted))
}

async fn look_up(
    from: &mut SqliteConnection,
    of: &[NewUnit],
) -> Result<FxHashMap<Arc<str>, Unit>, StoreError> {
    let mut known = FxHashMap::default();
    for chunk in chunks(of) {
        let mut query = QueryBuilder::new("SELECT * FROM units WHERE code IN (");
        let mut list = query.separated(", ");
        for registration in chunk {
            list.push_bind(&*registration.code);
        }
        let rows = query
            .push(")")
            .build()
            .fetch_all(&mut *from)
            .await
            .during("looking for units known already")?;
        for row in &rows {
            let unit = read(row)?;
            known.insert(Arc::clone(&unit.code), unit);
        }
    }
    Ok(known)
}

async fn write(to: &mut SqliteConnection, all: &[Unit], seq: u64) -> Result<(), StoreError> {
    for chunk in chunks(all) {
        let mut query =
            QueryBuilder::new("INSERT INTO units (id, code, name, kind, agency, provenance, seq) ");
        query.push_values(chunk, |mut row, unit| {
            row.push_bind(i64::from(unit.id.0))
                .push_bind(&*unit.code)
                .push_bind(&*unit.name)
                .push_bind(word(&unit.kind))
                .push_bind(i64::from(unit.agency.number()))
                .push_bind(word(&unit.provenance))
                .push_bind(int(seq));
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, \
             agency = excluded.agency, provenance = excluded.provenance, seq = excluded.seq",
        );
        query.build().execute(&mut *to).await.during("writing units")?;
    }
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Unit, StoreError> {
    let key = row.try_get("id").during("reading units")?;
    let cells = Cells { row, table: "units", key };
    let text = |column| cells.get::<&str>(column).map(Arc::<str>::from);
    Ok(Unit {
        id: UnitId(cells.small("id")?),
        code: text("code")?,
        name: text("name")?,
        kind: cells.word("kind")?,
        agency: Code::from_number(cells.small("agency")?)
            .map_err(|why| cells.corrupt("agency", &why))?,
        provenance: cells.word("provenance")?,
    })
}
