//! Reports.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::{Catalogue, Datum, NewIncident, Provenance, Severity, Time};

use super::field::{Text, key, prose};
use super::instant::Instant;
use super::point::point;
use super::read::{Flaw, item, needed};

/// Characters of a source's name.
const SOURCE: usize = 64;
/// Characters of a source's key.
const EXTERNAL_ID: usize = 128;
/// Characters of a description: two pages.
const DESCRIPTION: usize = 4_000;
/// Media of one report.
const MEDIA: usize = 20;
/// Characters of a reference to one.
const REFERENCE: usize = 2_000;

/// A report, as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentIn<'a> {
    /// The system it comes from.
    #[serde(borrow)]
    #[schema(value_type = String)]
    source: Option<Text<'a>>,
    /// That system's own key; with `source` it names the report.
    #[serde(borrow)]
    #[schema(value_type = String)]
    external_id: Option<Text<'a>>,
    /// A matter's code.
    #[serde(borrow)]
    #[schema(value_type = String)]
    matter: Option<Text<'a>>,
    /// Degrees, in the datum.
    #[schema(value_type = f64)]
    lon: Option<f64>,
    /// Degrees, in the datum.
    #[schema(value_type = f64)]
    lat: Option<f64>,
    /// `wgs84` if not named.
    datum: Option<Datum>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Option<Instant>,
    /// At most 4,000 characters.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    description: Option<Text<'a>>,
    /// 1 (minor) to 4 (major); the matter's own if not named.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 4)]
    severity: Option<Severity>,
    /// References to pictures and films, at most 20.
    #[serde(borrow)]
    #[schema(value_type = Option<Vec<String>>)]
    media: Option<Vec<Text<'a>>>,
    /// `live` if not named.
    provenance: Option<Provenance>,
}

/// Reads a report.
pub fn incident(text: &[u8], catalogue: &Catalogue, now: Time) -> Result<NewIncident, Flaw> {
    let sent: IncidentIn<'_> = item(text)?;
    let source = key("source", sent.source.as_ref(), SOURCE)?;
    let external_id = key("external_id", sent.external_id.as_ref(), EXTERNAL_ID)?;
    let code = needed("matter", sent.matter)?.0;
    let Some(matter) = catalogue.get(&code) else {
        let code: String = code.chars().take(64).collect();
        return Err(Flaw::of("matter", format!("the catalogue has no “{code}”")));
    };
    let (point, original) = point(sent.lon, sent.lat, sent.datum)?;
    let occurred_at = needed("occurred_at", sent.occurred_at)?
        .check(now)
        .map_err(|why| Flaw::of("occurred_at", why))?;
    let severity = match sent.severity {
        Some(grade) => grade,
        None => matter.severity,
    };
    let description = match &sent.description {
        Some(text) => prose("description", text, DESCRIPTION)?,
        None => "",
    };
    Ok(NewIncident {
        source: source.into(),
        external_id: external_id.into(),
        matter: matter.code.clone(),
        point,
        original,
        occurred_at,
        severity,
        description: description.into(),
        media: media(&sent.media.unwrap_or_default())?,
        provenance: sent.provenance.unwrap_or_default(),
    })
}

fn media(sent: &[Text<'_>]) -> Result<Vec<String>, Flaw> {
    if sent.len() > MEDIA {
        return Err(Flaw::of("media", format!("more than {MEDIA} references")));
    }
    sent.iter().map(|one| key("media", Some(one), REFERENCE).map(str::to_owned)).collect()
}
