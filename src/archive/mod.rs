//! A whole store as a folder of files: taken out of one, put into another of either
//! kind.
//!
//! A file a part, one JSON text a line (NDJSON); incidents are features of GeoJSON.
//! `manifest.json`, written last, says how many lines and bytes each file has and
//! their SHA-256: a folder without it is none. Equal contents make equal files,
//! whichever store they are of; so a store that was filled is proved by reading it
//! again. Secrets are there as hashes: the files are for their owner's eyes alone.

mod check;
mod error;
mod export;
mod import;
mod lines;
mod manifest;
mod sum;

pub use check::Fits;
pub use error::ArchiveError;
pub use export::export;
pub use import::Archive;
pub use manifest::{Head, Listed, Manifest};

use crate::store::contents::Part;

/// The file of the manifest.
const MANIFEST: &str = "manifest.json";

/// The file of a part.
fn file_name(part: Part) -> String {
    match part {
        Part::Incidents => "incidents.geojsonl".to_owned(),
        other => format!("{}.ndjson", other.name()),
    }
}
