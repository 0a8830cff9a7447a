//! Registrations of units.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::atlas::Atlas;
use crate::domain::{Code, NewUnit, Provenance, UnitKind, text};

use super::field::Text;
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

/// Reads a registration with an agency of one of the atlas's jurisdictions. A code that
/// is `known` as it is sent stays so: codes were not always kept in NFKC.
pub fn unit(
    item_text: &[u8],
    atlas: &Atlas,
    known: impl Fn(&str) -> bool,
) -> Result<NewUnit, Flaw> {
    let sent: UnitIn<'_> = item(item_text)?;
    let code = needed("code", sent.code.as_ref())?;
    let checked = if known(&code.0) {
        text::key(&code.0, CODE).map(Cow::Borrowed)
    } else {
        text::name(&code.0, CODE)
    };
    let code = checked.map_err(|why| Flaw::of("code", why.to_string()))?;
    let name = needed("name", sent.name.as_ref())?;
    let name = text::label(&name.0, NAME).map_err(|why| Flaw::of("name", why.to_string()))?;
    let kind = needed("kind", sent.kind)?;
    let agency = needed("agency", sent.agency)?;
    if atlas.jurisdiction(agency).is_none() {
        return Err(Flaw::of("agency", format!("there is no jurisdiction {agency}")));
    }
    Ok(NewUnit {
        code: code.into(),
        name: name.into(),
        kind,
        agency,
        provenance: sent.provenance.unwrap_or_default(),
    })
}
