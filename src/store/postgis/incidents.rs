//! Incidents beside the log.

use rustc_hash::FxHashMap;
use sqlx::postgres::{PgConnection, PgPool};

use crate::domain::{Incident, IncidentId, NewIncident};

use super::super::error::During;
use super::super::rows::{self, int, word};
use super::super::verdicts::{self, Names, all_of};
use super::super::{StoreError, Verdict};
use super::rows::{At, column};

/// Writes incidents. The bench of the pipeline measures this statement beside `COPY`.
const PUT: &str = include_str!("put_incidents.sql");

/// Numbers what is new of these reports and writes it for batch `seq`.
pub async fn accept(
    to: &mut PgConnection,
    reports: Vec<NewIncident>,
    seq: u64,
) -> Result<(Vec<Verdict>, Vec<Incident>), StoreError> {
    if reports.is_empty() {
        return Ok(Default::default());
    }
    let known = look_up(to, &reports).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM incident_names")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest incident")?;
    let newest = newest.unwrap_or_default().unsigned_abs();
    let (verdicts, accepted) = verdicts::of_reports(reports, known, newest);
    if !accepted.is_empty() {
        write(to, &all_of(seq, &accepted)).await?;
    }
    Ok((verdicts, accepted))
}

async fn look_up(from: &mut PgConnection, of: &[NewIncident]) -> Result<Names, StoreError> {
    let find = "SELECT id, source, external_id FROM incident_names
                JOIN unnest($1::text[], $2::text[]) AS asked (of_source, of_id)
                ON source = of_source AND external_id = of_id";
    let found = sqlx::query(find)
        .bind(column(of, |report| &*report.source))
        .bind(column(of, |report| &*report.external_id))
        .fetch_all(from)
        .await
        .during("looking for incidents known already")?;
    found.iter().map(rows::name).collect()
}

async fn write_names(to: &mut PgConnection, all: &[(u64, &Incident)]) -> Result<(), StoreError> {
    let put = "INSERT INTO incident_names (id, source, external_id, occurred_at)
               SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::text[]),
                   unnest($4::timestamptz[])";
    sqlx::query(put)
        .bind(column(all, |(_, incident)| int(incident.id.0)))
        .bind(column(all, |(_, incident)| &*incident.source))
        .bind(column(all, |(_, incident)| &*incident.external_id))
        .bind(column(all, |(_, incident)| At(incident.occurred_at)))
        .execute(to)
        .await
        .during("writing the names of incidents")?;
    Ok(())
}

/// Writes incidents, each with the batch that holds it.
pub async fn write(to: &mut PgConnection, all: &[(u64, &Incident)]) -> Result<(), StoreError> {
    write_names(to, all).await?;
    sqlx::query(PUT)
        .bind(column(all, |(_, incident)| int(incident.id.0)))
        .bind(column(all, |(_, incident)| &*incident.source))
        .bind(column(all, |(_, incident)| &*incident.external_id))
        .bind(column(all, |(_, incident)| incident.matter.as_str()))
        .bind(column(all, |(_, incident)| incident.point.lng()))
        .bind(column(all, |(_, incident)| incident.point.lat()))
        .bind(column(all, |(_, incident)| incident.original.map(|original| word(&original.datum))))
        .bind(column(all, |(_, incident)| incident.original.map(|original| original.lng)))
        .bind(column(all, |(_, incident)| incident.original.map(|original| original.lat)))
        .bind(column(all, |(_, incident)| At(incident.occurred_at)))
        .bind(column(all, |(_, incident)| i16::from(incident.severity.grade())))
        .bind(column(all, |(_, incident)| &*incident.description))
        // Texts alone: encoding them cannot fail.
        .bind(column(all, |(_, incident)| {
            serde_json::to_string(&incident.media).unwrap_or_default()
        }))
        .bind(column(all, |(_, incident)| word(&incident.provenance)))
        .bind(column(all, |(seq, _)| int(*seq)))
        .execute(to)
        .await
        .during("writing incidents")?;
    Ok(())
}

/// Incidents by their numbers, in that order.
pub async fn by_ids(readers: &PgPool, ids: Vec<IncidentId>) -> Result<Vec<Incident>, StoreError> {
    // By way of the names, which tell the partition.
    let find = "SELECT id, incidents.source, incidents.external_id, matter, ST_X(place) AS lng,
                    ST_Y(place) AS lat, original_datum, original_lng, original_lat, occurred_at,
                    severity, description, media::text AS media, provenance
                FROM incident_names JOIN incidents USING (id, occurred_at) WHERE id = ANY ($1)";
    let found = sqlx::query(find)
        .bind(column(&ids, |id| int(id.0)))
        .fetch_all(readers)
        .await
        .during("reading incidents by their numbers")?;
    let mut by_id = FxHashMap::default();
    for row in &found {
        let incident = rows::incident(row)?;
        by_id.insert(incident.id, incident);
    }
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
