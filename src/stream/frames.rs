//! Frames of units, in pieces that every client's library will take.

use axum::extract::ws::Utf8Bytes;

use crate::domain::{Time, UnitId};
use crate::wire::UnitRow;

use super::channel::Cell;
use super::fleet::Spot;
use super::publication::Publication;

/// The payload bytes after which a snapshot goes on in another push. Some
/// clients refuse messages above 1 MiB (Python's), and a socket copies a message
/// whole before it sends it.
pub const PIECE_BYTES: usize = 128 << 10;

/// Joins texts by commas into pieces of about [`PIECE_BYTES`]; at least one.
pub fn pieces<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for text in texts {
        if pieces.last().is_some_and(|piece| piece.len() >= PIECE_BYTES) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            if !piece.is_empty() {
                piece.push(',');
            }
            piece.push_str(text);
        }
    }
    pieces
}

/// A snapshot as one channel tells it.
#[derive(Debug)]
pub struct View {
    /// The payload of the subscribe reply.
    pub data: String,
    /// What does not fit into it, as pushes; shared by all who get it.
    pub rest: Vec<Utf8Bytes>,
}

/// All that is in a cell.
#[must_use]
pub fn whole(at: Time, cell: Cell, all: &[Spot]) -> View {
    let rows: Vec<String> = all.iter().map(row).collect();
    let mut pieces = pieces(rows.iter().map(String::as_str)).into_iter();
    let told = |reset, rows| format!(r#"{{"at":{},{reset}"rows":[{rows}]}}"#, at.ms());
    let data = told(r#""reset":true,"#, pieces.next().unwrap_or_default());
    View { data, rest: pushes(cell, pieces.map(|rows| told("", rows))) }
}

/// The pushes that tell a cell's client to begin anew.
#[must_use]
pub fn reset(cell: Cell, view: &View) -> Vec<Utf8Bytes> {
    let first = Publication::new(&cell.to_string(), &[&view.data], None).line();
    [first].into_iter().chain(view.rest.iter().cloned()).collect()
}

/// The pushes that tell what moved in a cell and what left it.
#[must_use]
pub fn delta(at: Time, cell: Cell, moved: &[Spot], gone: &[UnitId]) -> Vec<Utf8Bytes> {
    let rows: Vec<String> = moved.iter().map(row).collect();
    let ids: Vec<String> = gone.iter().map(|id| id.0.to_string()).collect();
    let mut gone =
        if ids.is_empty() { String::new() } else { format!(r#","gone":[{}]"#, ids.join(",")) };
    let payloads = pieces(rows.iter().map(String::as_str)).into_iter().map(|rows| {
        format!(r#"{{"at":{},"rows":[{rows}]{}}}"#, at.ms(), std::mem::take(&mut gone))
    });
    pushes(cell, payloads)
}

fn pushes(cell: Cell, payloads: impl IntoIterator<Item = String>) -> Vec<Utf8Bytes> {
    let name = cell.to_string();
    let line = |payload: String| Publication::new(&name, &[&payload], None).line();
    payloads.into_iter().map(line).collect()
}

fn row(spot: &Spot) -> String {
    // Numbers and short texts: encoding them cannot fail.
    serde_json::to_string(&UnitRow::of(&spot.position, spot.agency, spot.kind)).unwrap_or_default()
}
