//! Incidents beside the log.

use rustc_hash::FxHashMap;
use sqlx::postgres::{PgConnection, PgExecutor};

use crate::domain::{Incident, IncidentId, NewIncident};

use super::super::error::During;
use super::super::rows::{self, Cells, int, word};
use super::super::verdicts::{self, Names};
use super::super::{Owner, StoreError, Verdict};
use super::rows::{At, column};

/// Writes incidents. The bench of the pipeline measures this statement beside `COPY`.
const PUT: &str = include_str!("put_incidents.sql");

/// Numbers what is new of these reports of owners and writes it for batch `seq`.
pub async fn accept(
    to: &mut PgConnection,
    reports: Vec<NewIncident>,
    owners: &[Owner],
    seq: u64,
) -> Result<(Vec<Verdict>, Vec<Incident>), StoreError> {
    if reports.is_empty() {
        return Ok(Default::default());
    }
    let owners = verdicts::owners(&reports, owners);
    let known = look_up(to, &reports, &owners).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM incident_names")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest incident")?;
    let newest = newest.unwrap_or_default().unsigned_abs();
    let (verdicts, accepted) = verdicts::of_reports(reports, &owners, known, newest);
    let rows: Vec<_> = accepted.iter().map(|(owner, incident)| (seq, *owner, incident)).collect();
    if !rows.is_empty() {
        write(to, &rows).await?;
    }
    Ok((verdicts, accepted.into_iter().map(|(_, incident)| incident).collect()))
}

/// Those there are of these names, of the owners' and of nobody's.
async fn look_up(
    from: &mut PgConnection,
    of: &[NewIncident],
    owners: &[Owner],
) -> Result<Names, StoreError> {
    let find = "SELECT id, owner FROM incident_names
                JOIN unnest($1::text[], $2::text[], $3::integer[])
                    AS asked (of_source, of_id, of_owner)
                ON source = of_source AND external_id = of_id AND owner IN (0, of_owner)";
    let found = sqlx::query(find)
        .bind(column(of, |report| &*report.source))
        .bind(column(of, |report| &*report.external_id))
        .bind(column(owners, |owner| number(*owner)))
        .fetch_all(&mut *from)
        .await
        .during("looking for incidents known already")?;
    let mut owners = FxHashMap::default();
    for row in &found {
        let id = Cells::of(row, "incident_names", "id")?.number("id")?;
        owners.insert(IncidentId(id), rows::owner(row)?);
    }
    if owners.is_empty() {
        return Ok(Names::default());
    }
    let known = by_ids(from, owners.keys().copied().collect()).await?;
    let named = known
        .into_iter()
        .filter_map(|incident| Some((rows::name(*owners.get(&incident.id)?, &incident), incident)));
    Ok(named.collect())
}

/// As the column keeps it: nine digits at most.
fn number(owner: Owner) -> i32 {
    i32::try_from(owner.number()).unwrap_or_default()
}

async fn write_names(
    to: &mut PgConnection,
    all: &[(u64, Owner, &Incident)],
) -> Result<(), StoreError> {
    let put = "INSERT INTO incident_names (id, source, external_id, occurred_at, owner)
               SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::text[]),
                   unnest($4::timestamptz[]), unnest($5::integer[])";
    sqlx::query(put)
        .bind(column(all, |(.., incident)| int(incident.id.0)))
        .bind(column(all, |(.., incident)| &*incident.source))
        .bind(column(all, |(.., incident)| &*incident.external_id))
        .bind(column(all, |(.., incident)| At(incident.occurred_at)))
        .bind(column(all, |(_, owner, _)| number(*owner)))
        .execute(to)
        .await
        .during("writing the names of incidents")?;
    Ok(())
}

/// Writes incidents, each with the batch that holds it, and whose its name is.
pub async fn write(
    to: &mut PgConnection,
    all: &[(u64, Owner, &Incident)],
) -> Result<(), StoreError> {
    write_names(to, all).await?;
    sqlx::query(PUT)
        .bind(column(all, |(.., incident)| int(incident.id.0)))
        .bind(column(all, |(.., incident)| &*incident.source))
        .bind(column(all, |(.., incident)| &*incident.external_id))
        .bind(column(all, |(.., incident)| incident.matter.as_str()))
        .bind(column(all, |(.., incident)| incident.point.lng()))
        .bind(column(all, |(.., incident)| incident.point.lat()))
        .bind(column(all, |(.., incident)| incident.original.map(|original| word(&original.datum))))
        .bind(column(all, |(.., incident)| incident.original.map(|original| original.lng)))
        .bind(column(all, |(.., incident)| incident.original.map(|original| original.lat)))
        .bind(column(all, |(.., incident)| At(incident.occurred_at)))
        .bind(column(all, |(.., incident)| i16::from(incident.severity.grade())))
        .bind(column(all, |(.., incident)| &*incident.description))
        // Texts alone: encoding them cannot fail.
        .bind(column(all, |(.., incident)| {
            serde_json::to_string(&incident.media).unwrap_or_default()
        }))
        .bind(column(all, |(.., incident)| word(&incident.provenance)))
        .bind(column(all, |(seq, ..)| int(*seq)))
        .execute(to)
        .await
        .during("writing incidents")?;
    Ok(())
}

/// Incidents by their numbers, in that order.
pub async fn by_ids(
    from: impl PgExecutor<'_>,
    ids: Vec<IncidentId>,
) -> Result<Vec<Incident>, StoreError> {
    // By way of the names, which tell the partition.
    let find = "SELECT id, incidents.source, incidents.external_id, matter, ST_X(place) AS lng,
                    ST_Y(place) AS lat, original_datum, original_lng, original_lat, occurred_at,
                    severity, description, media::text AS media, provenance
                FROM incident_names JOIN incidents USING (id, occurred_at) WHERE id = ANY ($1)";
    let found = sqlx::query(find)
        .bind(column(&ids, |id| int(id.0)))
        .fetch_all(from)
        .await
        .during("reading incidents by their numbers")?;
    let mut by_id = FxHashMap::default();
    for row in &found {
        let incident = rows::incident(row)?;
        by_id.insert(incident.id, incident);
    }
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
