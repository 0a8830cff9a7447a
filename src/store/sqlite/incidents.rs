//! Incidents beside the log.

use rustc_hash::FxHashMap;
use sqlx::{QueryBuilder, Sqlite as Db, SqliteConnection, SqlitePool};

use crate::domain::{Incident, IncidentId, NewIncident};

use super::super::error::During;
use super::super::rows::{self, int, word};
use super::super::verdicts::{self, Names};
use super::super::{Owner, StoreError, Verdict};
use super::rows::chunks;

/// Numbers what is new of these reports of owners and writes it for batch `seq`.
pub async fn accept(
    to: &mut SqliteConnection,
    reports: Vec<NewIncident>,
    owners: &[Owner],
    seq: u64,
) -> Result<(Vec<Verdict>, Vec<Incident>), StoreError> {
    if reports.is_empty() {
        return Ok(Default::default());
    }
    let owners = verdicts::owners(&reports, owners);
    let known = look_up(to, &reports, &owners).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM incidents")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest incident")?;
    let newest = newest.unwrap_or_default().unsigned_abs();
    let (verdicts, accepted) = verdicts::of_reports(reports, &owners, known, newest);
    let rows: Vec<_> = accepted.iter().map(|(owner, incident)| (seq, *owner, incident)).collect();
    write(to, &rows).await?;
    Ok((verdicts, accepted.into_iter().map(|(_, incident)| incident).collect()))
}

async fn look_up(
    from: &mut SqliteConnection,
    of: &[NewIncident],
    owners: &[Owner],
) -> Result<Names, StoreError> {
    let asked: Vec<_> = of.iter().zip(owners.iter().copied()).collect();
    let mut known = Names::default();
    for chunk in chunks(&asked) {
        let found = by_names(chunk)
            .build()
            .fetch_all(&mut *from)
            .await
            .during("looking for incidents known already")?;
        for row in &found {
            let incident = rows::incident(row)?;
            known.insert(rows::name(rows::owner(row)?, &incident), incident);
        }
    }
    Ok(known)
}

/// Those there are of these names, of the owners' and of nobody's. A join in this order
/// is always answered by the index, name by name.
pub fn by_names(of: &[(&NewIncident, Owner)]) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new("SELECT incidents.* FROM (");
    query.push_values(of, |mut row, (report, owner)| {
        row.push_bind(&*report.source)
            .push_bind(&*report.external_id)
            .push_bind(i64::from(owner.number()));
    });
    query.push(
        ") AS asked CROSS JOIN incidents \
         ON source = asked.column1 AND external_id = asked.column2 \
         AND owner IN (0, asked.column3)",
    );
    query
}

/// Writes incidents, each with the batch that holds it, and whose its name is.
pub async fn write(
    to: &mut SqliteConnection,
    all: &[(u64, Owner, &Incident)],
) -> Result<(), StoreError> {
    for chunk in chunks(all) {
        let mut query = QueryBuilder::new(
            "INSERT INTO incidents (id, source, external_id, matter, lng, lat, original_datum, \
             original_lng, original_lat, occurred_at, severity, description, media, provenance, \
             seq, owner) ",
        );
        query.push_values(chunk, |mut row, (seq, owner, incident)| {
            let original = incident.original;
            row.push_bind(int(incident.id.0))
                .push_bind(&*incident.source)
                .push_bind(&*incident.external_id)
                .push_bind(incident.matter.as_str())
                .push_bind(incident.point.lng())
                .push_bind(incident.point.lat())
                .push_bind(original.map(|original| word(&original.datum)))
                .push_bind(original.map(|original| original.lng))
                .push_bind(original.map(|original| original.lat))
                .push_bind(incident.occurred_at.ms())
                .push_bind(i64::from(incident.severity.grade()))
                .push_bind(&*incident.description)
                // Texts alone: encoding them cannot fail.
                .push_bind(serde_json::to_string(&incident.media).unwrap_or_default())
                .push_bind(word(&incident.provenance))
                .push_bind(int(*seq))
                .push_bind(i64::from(owner.number()));
        });
        query.build().execute(&mut *to).await.during("writing incidents")?;
    }
    Ok(())
}

/// Incidents by their numbers, in that order.
pub async fn by_ids(
    readers: &SqlitePool,
    ids: Vec<IncidentId>,
) -> Result<Vec<Incident>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(&ids) {
        let mut query = QueryBuilder::new("SELECT * FROM incidents WHERE id IN (");
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(int(id.0));
        }
        let rows = query
            .push(")")
            .build()
            .fetch_all(readers)
            .await
            .during("reading incidents by their numbers")?;
        let mut of_chunk = FxHashMap::default();
        for row in &rows {
            let incident = rows::incident(row)?;
            of_chunk.insert(incident.id.0, incident);
        }
        found.extend(chunk.iter().filter_map(|id| of_chunk.remove(&id.0)));
    }
    Ok(found)
}
