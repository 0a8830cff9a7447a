//! Incidents beside the log.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, SqliteConnection, SqlitePool};

use crate::domain::{
    Incident, IncidentId, LngLat, MatterCode, NewIncident, Original, Severity, Time,
};

use super::super::error::During;
use super::super::{StoreError, Verdict};
use super::rows::{Cells, chunks, int, word};

/// Numbers what is new of these reports and writes it for batch `seq`.
pub async fn accept(
    to: &mut SqliteConnection,
    reports: Vec<NewIncident>,
    seq: u64,
) -> Result<(Vec<Verdict>, Vec<Incident>), StoreError> {
    if reports.is_empty() {
        return Ok(Default::default());
    }
    let mut known = look_up(to, &reports).await?;
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM incidents")
        .fetch_one(&mut *to)
        .await
        .during("looking for the newest incident")?;
    let mut next = newest.unwrap_or_default().unsigned_abs() + 1;
    let mut verdicts = Vec::with_capacity(reports.len());
    let mut accepted = Vec::with_capacity(reports.len());
    for report in reports {
        let name = (Arc::clone(&report.source), Arc::clone(&report.external_id));
        if let Some(&id) = known.get(&name) {
            verdicts.push(Verdict::Duplicate(id));
            continue;
        }
        verdicts.push(Verdict::Accepted(next));
        known.insert(name, next);
        accepted.push(report.numbered(IncidentId(next)));
        next += 1;
    }
    write(to, &accepted, seq).await?;
    Ok((verdicts, accepted))
}

type Names = FxHashMap<(Arc<str>, Arc<str>), u64>;

async fn look_up(from: &mut SqliteConnection, of: &[NewIncident]) -> Result<Names, StoreError> {
    let mut known = Names::default();
    for chunk in chunks(of) {
        let mut query = QueryBuilder::new(
            "SELECT id, source, external_id FROM incidents WHERE (source, external_id) IN (",
        );
        query.push_values(chunk, |mut row, report| {
            row.push_bind(&*report.source).push_bind(&*report.external_id);
        });
        let rows = query
            .push(")")
            .build()
            .fetch_all(&mut *from)
            .await
            .during("looking for incidents known already")?;
        for row in &rows {
            let cells = Cells { row, table: "incidents", key: row.try_get("id").unwrap_or(-1) };
            let name: (&str, &str) = (cells.get("source")?, cells.get("external_id")?);
            known.insert((name.0.into(), name.1.into()), cells.number("id")?);
        }
    }
    Ok(known)
}

async fn write(to: &mut SqliteConnection, all: &[Incident], seq: u64) -> Result<(), StoreError> {
    for chunk in chunks(all) {
        let mut query = QueryBuilder::new(
            "INSERT INTO incidents (id, source, external_id, matter, lng, lat, original_datum, \
             original_lng, original_lat, occurred_at, severity, description, media, provenance, \
             seq) ",
        );
        query.push_values(chunk, |mut row, incident| {
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
                .push_bind(int(seq));
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
            let incident = read(row)?;
            of_chunk.insert(incident.id.0, incident);
        }
        found.extend(chunk.iter().filter_map(|id| of_chunk.remove(&id.0)));
    }
    Ok(found)
}

fn read(row: &SqliteRow) -> Result<Incident, StoreError> {
    let key = row.try_get("id").during("reading incidents by their numbers")?;
    let cells = Cells { row, table: "incidents", key };
    let point = LngLat::new(cells.get("lng")?, cells.get("lat")?);
    let media: &str = cells.get("media")?;
    let text = |column| cells.get::<&str>(column).map(Arc::<str>::from);
    let original = if cells.get::<Option<&str>>("original_datum")?.is_some() {
        Some(Original {
            datum: cells.word("original_datum")?,
            lng: cells.get("original_lng")?,
            lat: cells.get("original_lat")?,
        })
    } else {
        None
    };
    Ok(Incident {
        id: IncidentId(cells.number("id")?),
        source: text("source")?,
        external_id: text("external_id")?,
        matter: MatterCode::new(cells.get("matter")?),
        point: point.map_err(|why| cells.corrupt("lng", &why))?,
        original,
        occurred_at: Time::from_ms(cells.get("occurred_at")?),
        severity: Severity::new(cells.small("severity")?)
            .map_err(|why| cells.corrupt("severity", &why))?,
        description: text("description")?,
        media: serde_json::from_str(media).map_err(|why| cells.corrupt("media", &why))?,
        provenance: cells.word("provenance")?,
    })
}
