//! Priority zones.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::error::{AtlasError, Faults, Reason};
use super::jurisdiction::Register;
use super::shape::Shape;
use super::source::{self, Named, Source};
use crate::domain::{Code, ZoneKind};

/// A priority zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Its key.
    pub code: String,
    /// Its kind.
    pub kind: ZoneKind,
    /// Name in the region's own language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// `[west, south, east, north]`, degrees.
    pub bbox: [f64; 4],
    /// Whether its lines are approximations and must be shown as such.
    pub approximate: bool,
    /// The jurisdictions it is made of, where it is made of whole ones.
    pub members: Vec<Code>,
}

#[derive(Debug, Deserialize)]
struct Properties {
    code: String,
    kind: ZoneKind,
    name: String,
    name_en: String,
    #[serde(default)]
    approximate: bool,
    #[serde(default)]
    members: Vec<Code>,
}

impl Named for Properties {
    fn code(&self) -> String {
        self.code.clone()
    }
}

/// Reads the zones and their shapes, in the order of the file.
pub(super) fn read(
    source: &Source<'_>,
    register: &Register,
    faults: &mut Faults,
) -> (Vec<Zone>, Vec<Shape>) {
    let features = source::read::<Properties>(source, faults);
    let mut seen = FxHashMap::default();
    let mut zones = Vec::with_capacity(features.len());
    let mut shapes = Vec::with_capacity(features.len());
    for feature in features {
        let of = feature.properties;
        if let Some(other) = seen.insert(of.code.clone(), feature.name.clone()) {
            let reason = Reason::Duplicate { code: of.code, other };
            faults.add(AtlasError::feature(source.file, feature.name, reason));
            continue;
        }
        if let Some(member) = of.members.iter().find(|code| register.get(**code).is_none()) {
            let member = member.to_string();
            if !faults.refused.contains(&member) {
                let reason = Reason::UnknownMember(member);
                faults.add(AtlasError::feature(source.file, feature.name, reason));
            }
            continue;
        }
        zones.push(Zone {
            code: of.code,
            kind: of.kind,
            name: of.name,
            name_en: of.name_en,
            bbox: feature.shape.bbox(),
            approximate: of.approximate,
            members: of.members,
        });
        shapes.push(feature.shape);
    }
    (zones, shapes)
}
