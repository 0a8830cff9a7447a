//! `GET /api/v1/export/incidents`: records taken out in bulk.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use crate::access::Deed;
use crate::domain::{Incident, IncidentId, Time};
use crate::wire::IncidentView;

use super::filter::Filter;
use super::incidents::{bytes, find};
use super::params::{Params, fitting};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Incidents written at once, and their bytes.
const AT_ONCE: usize = 500;
const BYTES_AT_ONCE: usize = 1 << 20;

/// The columns of a CSV, in their order.
const COLUMNS: [&str; 13] = [
    "id",
    "source",
    "external_id",
    "matter",
    "lon",
    "lat",
    "occurred_at",
    "severity",
    "description",
    "media",
    "provenance",
    "jurisdictions",
    "zones",
];

/// How the records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

/// Answers all incidents of the live window that the viewer sees and that are asked for,
/// the last received first: one JSON object a line, or CSV (UTF-8 with a byte order
/// mark, lists parted by spaces). Who took out how many, and of what, is written to the
/// audit log before the first is told.
#[utoipa::path(
    get, path = "/api/v1/export/incidents",
    operation_id = "exportIncidents", tag = "picture",
    params(
        ("format" = Option<String>, Query, description = "`ndjson` or `csv`; ndjson if not named"),
        ("bbox" = Option<String>, Query, description = "west,south,east,north; degrees"),
        ("since" = Option<String>, Query, description = "Occurred from this time on; RFC 3339"),
        ("until" = Option<String>, Query, description = "Occurred before it; RFC 3339"),
        ("matter" = Option<String>, Query, description = "A matter's code"),
        ("jurisdiction" = Option<String>, Query, description = "Its code, of any level"),
        ("zone" = Option<String>, Query, description = "Its code")
    ),
    responses(
        (
            status = 200,
            description = "The incidents, one a line.",
            content((String = "application/x-ndjson"), (String = "text/csv"))
        )
    )
)]
pub async fn incidents(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&[&Filter::PARAMS[..], &["format"]].concat())?;
    let format = match params.get::<String>("format")?.as_deref() {
        None | Some("ndjson") => Format::Ndjson,
        Some("csv") => Format::Csv,
        Some(other) => {
            return Err(ApiError::field("format", format!("“{other}” is neither ndjson nor csv")));
        }
    };
    let wanted = Filter::read(&params, &app)?;
    let newest = IncidentId(u64::MAX);
    let found = find(&app, pass.sight(), wanted, newest, usize::MAX).await?;
    let mut entry = pass.entry(&app, Deed::Export, "incidents");
    entry.after = Some(json!({"filter": params.told(), "incidents": found.len()}));
    app.gate.record(entry).await?;
    let (kind, name) = match format {
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"incidents.ndjson\""),
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"incidents.csv\""),
    };
    let about = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    let start = (app, pass, found, Some(0));
    let pages = stream::try_unfold(start, move |(app, pass, found, at)| async move {
        let Some(at) = at else { return Ok(None) };
        let fits = fitting(&found[at..], AT_ONCE, BYTES_AT_ONCE, |incident| bytes(incident));
        let end = found.len().min(at + fits);
        let text = written(&app, &pass, &found[at..end], format, at == 0)?;
        let next = (end < found.len()).then_some(end);
        Ok::<_, csv::Error>(Some((text, (app, pass, found, next))))
    });
    Ok((about, Body::from_stream(pages)).into_response())
}

fn written(
    app: &AppState,
    pass: &Pass,
    some: &[Arc<Incident>],
    format: Format,
    first: bool,
) -> Result<Vec<u8>, csv::Error> {
    let views = some.iter().map(|incident| pass.shown(IncidentView::of(incident, &*app.names)));
    if format == Format::Ndjson {
        // Numbers and texts: encoding them cannot fail.
        let line = |view: IncidentView| serde_json::to_string(&view).unwrap_or_default() + "\n";
        return Ok(views.map(line).collect::<String>().into_bytes());
    }
    let mut table = csv::Writer::from_writer(Vec::new());
    if first {
        table.write_record(COLUMNS)?;
    }
    for view in views {
        table.write_record(row(&view))?;
    }
    let bytes = table.into_inner().map_err(|why| csv::Error::from(why.into_error()))?;
    // By the mark a spreadsheet knows that it is UTF-8.
    Ok(if first { [&b"\xEF\xBB\xBF"[..], &bytes].concat() } else { bytes })
}

fn row(view: &IncidentView) -> [String; 13] {
    [
        view.id.to_string(),
        plain(&view.source),
        plain(&view.external_id),
        plain(&view.matter),
        view.lon.to_string(),
        view.lat.to_string(),
        Time::from_ms(view.occurred_at).to_string(),
        view.severity.to_string(),
        plain(&view.description),
        plain(&view.media.join(" ")),
        json!(view.provenance).as_str().unwrap_or_default().to_owned(),
        view.jurisdictions.join(" "),
        plain(&view.zones.join(" ")),
    ]
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_reporter_is_a_formula_in_a_spreadsheet() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(plain(formula), format!("'{formula}"));
        }
        assert_eq!(plain("渣土，约十车"), "渣土，约十车");
    }
}
