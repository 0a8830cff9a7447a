//! Registrations of units.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::atlas::Atlas;
use crate::domain::{Code, NewUnit, Provenance, UnitKind};

use super::field::{Text, name};
use super::read::{Flaw, item, needed};

/// Characters of a unit's code.
const CODE: usize = 64;
/// Characters of a unit's name.
const NAME: usize = 100;

/// A registration, as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitIn<'a> {
    /// The agency's own key, unique.
    #[serde(borrow)]
    #[schema(value_type = String)]
    code: Option<Text<'a>>,
    /// What people call it.
    #[serde(borrow)]
    #[schema(value_type = String)]
    name: Option<Text<'a>>,
    /// What moves.
    #[schema(value_type = UnitKind)]
    kind: Option<UnitKind>,
    /// The jurisdiction whose agency it belongs to.
    #[schema(value_type = String)]
    agency: Option<Code>,
    /// `live` if not named.
    provenance: Option<Provenance>,
}

/// Reads a registration with an agency of one of the atlas's jurisdictions.
pub fn unit(text: &[u8], atlas: &Atlas) -> Result<NewUnit, Flaw> {
    let sent: UnitIn<'_> = item(text)?;
    let code = name("code", sent.code.as_ref(), CODE)?;
    let called = name("name", sent.name.as_ref(), NAME)?;
    let kind = needed("kind", sent.kind)?;
    let agency = needed("agency", sent.agency)?;
    if atlas.jurisdiction(agency).is_none() {
        return Err(Flaw::of("agency", format!("there is no jurisdiction {agency}")));
    }
    Ok(NewUnit {
        code: code.into(),
        name: called.into(),
        kind,
        agency,
        provenance: sent.provenance.unwrap_or_default(),
    })
}
