//! Reports.

use serde::Deserialize;

use crate::domain::{Catalogue, Datum, NewIncident, Provenance, Severity, Time};

use super::field::{Text, name};
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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IncidentIn<'a> {
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    external_id: Option<Text<'a>>,
    #[serde(borrow)]
    matter: Option<Text<'a>>,
    lon: Option<f64>,
    lat: Option<f64>,
    datum: Option<Datum>,
    occurred_at: Option<Instant>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    severity: Option<u8>,
    #[serde(borrow)]
    media: Option<Vec<Text<'a>>>,
    provenance: Option<Provenance>,
}

/// Reads a report.
pub fn incident(text: &[u8], catalogue: &Catalogue, now: Time) -> Result<NewIncident, Flaw> {
    let sent: IncidentIn<'_> = item(text)?;
    let source = name("source", sent.source.as_ref(), SOURCE)?;
    let external_id = name("external_id", sent.external_id.as_ref(), EXTERNAL_ID)?;
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
        Some(grade) => Severity::new(grade).map_err(|why| Flaw::of("severity", why.to_string()))?,
        None => matter.severity,
    };
    let description = match &sent.description {
        Some(text) => text.bounded("description", DESCRIPTION, true)?,
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
    sent.iter().map(|one| name("media", Some(one), REFERENCE).map(str::to_owned)).collect()
}
