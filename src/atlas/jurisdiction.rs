//! Jurisdictions and who lies in whom.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::error::{AtlasError, Faults, Reason};
use super::source::{self, Feature, Named, Source};
use crate::domain::{Code, Level, LngLat};

/// An administrative division.
#[derive(Clone, Debug, PartialEq)]
pub struct Jurisdiction {
    /// Division code.
    pub code: Code,
    /// Name in the region's own language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Its level.
    pub level: Level,
    /// The jurisdiction above it; its level is wider.
    pub parent: Option<Code>,
    /// A point inside, where its name can be written.
    pub label: LngLat,
    /// `[west, south, east, north]`, degrees.
    pub bbox: [f64; 4],
    /// Whether its lines are approximations and must be shown as such.
    pub approximate: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Properties {
    code: Code,
    name: String,
    name_en: String,
    level: Level,
    parent: Option<Code>,
    #[serde(default)]
    approximate: bool,
}

impl Named for Properties {
    fn code(&self) -> String {
        self.code.to_string()
    }
}

/// Every jurisdiction of a region, the widest level first, in the order of the
/// files. Codes are unique; every parent is here and of a wider level.
#[derive(Debug, Default)]
pub(super) struct Register {
    all: Vec<Jurisdiction>,
    by_code: FxHashMap<Code, usize>,
    /// Where each code was read, for errors.
    sources: Vec<String>,
}

impl Register {
    pub fn all(&self) -> &[Jurisdiction] {
        &self.all
    }

    pub fn get(&self, code: Code) -> Option<&Jurisdiction> {
        self.by_code.get(&code).map(|&at| &self.all[at])
    }

    /// The jurisdiction of a level that holds `code`, itself included.
    pub fn ancestor(&self, code: Code, level: Level) -> Option<Code> {
        let mut here = self.get(code)?;
        while here.level > level {
            here = self.get(here.parent?)?;
        }
        (here.level == level).then_some(here.code)
    }

    /// Reads one level's layer: the features that can be used. Wider levels must have
    /// been read before.
    pub fn read(
        &mut self,
        level: Level,
        source: &Source<'_>,
        faults: &mut Faults,
    ) -> Vec<Feature<Properties>> {
        let mut features = source::read::<Properties>(source, faults);
        features.retain(|feature| match self.add(level, feature) {
            Ok(jurisdiction) => {
                self.by_code.insert(jurisdiction.code, self.all.len());
                self.all.push(jurisdiction);
                self.sources.push(format!("{}: {}", source.file, feature.name));
                true
            }
            Err(reason) => {
                let above = feature.properties.parent.map(|code| code.to_string());
                let follows = matches!(reason, Reason::UnknownParent(_))
                    && above.is_some_and(|above| faults.refused.contains(&above));
                if !follows {
                    faults.add(AtlasError::feature(source.file, feature.name.clone(), reason));
                }
                faults.refused.insert(feature.properties.code.to_string());
                false
            }
        });
        features
    }

    fn add(&self, level: Level, feature: &Feature<Properties>) -> Result<Jurisdiction, Reason> {
        let of = &feature.properties;
        if of.level != level {
            return Err(Reason::Level { found: of.level.to_string(), wanted: level.to_string() });
        }
        if let Some(&other) = self.by_code.get(&of.code) {
            let other = self.sources[other].clone();
            return Err(Reason::Duplicate { code: of.code.to_string(), other });
        }
        match of.parent {
            None if level == Level::Province => {}
            None => return Err(Reason::NoParent),
            Some(parent) if self.get(parent).is_some_and(|above| above.level < level) => {}
            Some(parent) => return Err(Reason::UnknownParent(parent.to_string())),
        }
        Ok(Jurisdiction {
            code: of.code,
            name: of.name.clone(),
            name_en: of.name_en.clone(),
            level,
            parent: of.parent,
            label: feature.shape.label(),
            bbox: feature.shape.bbox(),
            approximate: of.approximate,
        })
    }
}
