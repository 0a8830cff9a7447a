//! `GET /api/v1/audit`: who did what.

use axum::extract::State;
use axum::response::Response;
use serde_json::value::RawValue;

use crate::access::Deed;
use crate::wire::{AuditPage, AuditRow};

use super::geojson;
use super::params::Params;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Entries an answer, if nobody says, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// Entries read at once, and how often: others' are passed over.
const READ: u32 = 1_000;
const TRIES: usize = 20;

/// Answers entries, newest first: those of people and devices within reach, of
/// the operator and of nobody. Reading it is a deed itself.
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&["before", "limit"])?;
    let mut before = params.get("before")?.unwrap_or(u64::MAX);
    let limit = params.limit(USUAL, MOST)?;
    let reach = pass.reach(&app);
    app.gate.record(pass.entry(&app, Deed::ReadAudit, "audit")).await?;
    let mut found = Vec::new();
    let mut next = None;
    'pages: for _ in 0..TRIES {
        let page = app.gate.ledger().newest_entries(before, READ).await?;
        let last = page.len() < READ as usize;
        for record in page {
            before = record.number;
            let Some(entry) = record.entry() else { continue };
            if entry.who.agency().is_some_and(|agency| !reach.holds(agency)) {
                continue;
            }
            found.push(record);
            if found.len() == limit {
                next = Some(before).filter(|number| *number > 1);
                break 'pages;
            }
        }
        if last {
            next = None;
            break;
        }
        next = Some(before);
    }
    let rows = found.iter().filter_map(|record| {
        let entry: &RawValue = serde_json::from_str(&record.line).ok()?;
        Some(AuditRow { number: record.number, link: record.link.to_string(), entry })
    });
    Ok(geojson::json(&AuditPage { entries: rows.collect(), next }))
}
