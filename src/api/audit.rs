//! `/api/v1/audit`: who did what.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;
use serde_json::value::RawValue;

use crate::access::{Deed, Reach, Viewer};
use crate::gate::{ChainError, Followed, follow};
use crate::store::StoreError;
use crate::store::audit::{Link, Period, Record};
use crate::wire::{AuditCheck, AuditPage, AuditRow};

use super::answers::PAGE_BYTES;
use super::geojson;
use super::params::Params;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Entries an answer, if nobody says, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// Entries read at once, of which one with rules may be large, and how often: others' are
/// passed over.
const READ: u32 = 100;
const TRIES: usize = 200;

/// Which entries are asked for.
fn period(params: &Params) -> Result<Period, ApiError> {
    Ok(Period { from: params.get("from")?, to: params.get("to")? })
}

/// Whether an entry is of a period, and concerns who has this reach.
fn shows(period: Period, record: &Record, reach: Reach<'_>) -> bool {
    record
        .entry()
        .is_some_and(|entry| period.holds(entry.at) && entry.concerns(|agency| reach.holds(agency)))
}

/// Answers entries, newest first. Reading it is a deed itself.
#[utoipa::path(
    get, path = "/api/v1/audit",
    operation_id = "listAudit", tag = "audit",
    params(
        ("before" = Option<u64>, Query, description = "`next` of the page before"),
        ("from" = Option<String>, Query, description = "From this time on; RFC 3339"),
        ("to" = Option<String>, Query, description = "Before this time; RFC 3339"),
        ("limit" = Option<u32>, Query, description = "At most 1,000; 100 if not named")
    ),
    responses((status = 200, description = "A page.", body = AuditPage))
)]
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&["from", "to", "before", "limit"])?;
    let period = period(&params)?;
    let before = params.get("before")?.unwrap_or(u64::MAX);
    let limit = params.limit(USUAL, MOST)?;
    let share = app.answers.share(&pass).await?;
    app.gate.record(pass.entry(&app, Deed::ReadAudit, "audit")).await?;
    let (found, next) = newest(&app, &pass, period, before, limit).await?;
    let tell = move || {
        let rows = found.iter().filter_map(|record| {
            let entry: &RawValue = serde_json::from_str(&record.line).ok()?;
            Some(AuditRow { number: record.number, link: record.link.to_string(), entry })
        });
        geojson::json(&AuditPage { entries: rows.collect(), next })
    };
    share.answer(tell).await
}

/// The newest entries before a number that are shown, as far as a page holds them; and
/// before which to look on, if there may be more.
async fn newest(
    app: &AppState,
    pass: &Pass,
    period: Period,
    mut before: u64,
    limit: usize,
) -> Result<(Vec<Record>, Option<u64>), StoreError> {
    let (mut found, mut page_bytes) = (Vec::new(), 0);
    for _ in 0..TRIES {
        let some = app.gate.ledger().newest_entries(before, READ).await?;
        let last = some.len() < READ as usize;
        for record in some {
            let number = record.number;
            if shows(period, &record, pass.reach(app)) {
                page_bytes += record.line.len() + 100;
                if page_bytes > PAGE_BYTES && !found.is_empty() {
                    return Ok((found, Some(before)));
                }
                found.push(record);
            }
            before = number;
            if found.len() == limit {
                return Ok((found, Some(before).filter(|number| *number > 1)));
            }
        }
        if last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(before)))
}

/// Answers whether the chain holds, from its first entry to its newest.
#[utoipa::path(
    get, path = "/api/v1/audit/verify",
    operation_id = "verifyAudit", tag = "audit",
    params(("head" = Option<String>, Query, description = "A link kept elsewhere, hex")),
    responses((status = 200, description = "What was found.", body = AuditCheck))
)]
pub async fn verify(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Json<AuditCheck>, ApiError> {
    let kept = params.only(&["head"])?.get::<Link>("head")?;
    app.gate.record(pass.entry(&app, Deed::ReadAudit, "audit chain")).await?;
    let (followed, broken) = match follow(app.gate.ledger(), kept).await {
        Ok(followed) => (followed, None),
        Err(ChainError::Broken(why)) => (Followed { head: None, kept: None }, Some(why)),
        Err(ChainError::Store(why)) => return Err(why.into()),
    };
    let (entries, newest) = followed.head.unzip();
    Ok(Json(AuditCheck {
        broken: broken.map(|why| why.to_string()),
        entries,
        newest: newest.map(|link: Link| link.to_string()),
        kept: followed.kept,
    }))
}

/// Answers the entries of a period as NDJSON, each with its link, oldest first.
/// What is taken out is a deed too.
#[utoipa::path(
    get, path = "/api/v1/audit/export",
    operation_id = "exportAudit", tag = "audit",
    params(
        ("from" = Option<String>, Query, description = "From this time on; RFC 3339"),
        ("to" = Option<String>, Query, description = "Before this time; RFC 3339")
    ),
    responses((
        status = 200,
        description = "The entries, one a line.",
        body = String,
        content_type = "application/x-ndjson"
    ))
)]
pub async fn export(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&["from", "to"])?;
    let period = period(&params)?;
    let mut entry = pass.entry(&app, Deed::Export, "audit");
    entry.after = Some(json!({"from": period.from, "to": period.to}));
    app.gate.record(entry).await?;
    let start = (app, Arc::clone(&pass.viewer), Some(0));
    let pages = stream::try_unfold(start, move |(app, viewer, after)| async move {
        let Some(after) = after else { return Ok(None) };
        let (lines, next) = lines(&app, &viewer, period, after).await?;
        Ok::<_, StoreError>(Some((lines, (app, viewer, next))))
    });
    let about = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
    ];
    Ok((about, Body::from_stream(pages)).into_response())
}

/// The lines of some entries after a number, and after which the next begin.
async fn lines(
    app: &AppState,
    viewer: &Viewer,
    period: Period,
    after: u64,
) -> Result<(String, Option<u64>), StoreError> {
    let page = app.gate.ledger().entries(after, READ).await?;
    let reach = Reach::of(viewer, app.land());
    let shown = page.iter().filter(|record| shows(period, record, reach));
    let lines = shown.map(|record| record.exported() + "\n");
    Ok((lines.collect(), page.last().map(|last| last.number)))
}
