//! The catalogue of what an incident can be about.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Code, Severity};

/// The key of a matter in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MatterCode(Arc<str>);

impl MatterCode {
    /// From the text of a catalogue's code.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self(code.into())
    }

    /// The text of the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for MatterCode {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MatterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One leaf of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Its key.
    pub code: MatterCode,
    /// The class it belongs to, after GB/T 30428.2 where that has one.
    pub class: String,
    /// Name in Chinese (or the region's own language).
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The severity of an incident that states none.
    pub severity: Severity,
    /// The provinces that cooperate on it.
    pub cooperating: Vec<Code>,
}

/// A class of matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its key.
    pub code: String,
    /// Name in Chinese (or the region's own language).
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// The catalogue as its file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    classes: Vec<Class>,
    matters: Vec<Matter>,
}

/// Every matter of a region; codes are unique and each names a known class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Sheet", into = "Sheet")]
pub struct Catalogue {
    classes: Vec<Class>,
    matters: Vec<Matter>,
    by_code: FxHashMap<MatterCode, usize>,
}

/// Why a list of matters is no catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCatalogue {
    /// Two matters share a code.
    #[error("matter {0} is listed twice")]
    Duplicate(MatterCode),
    /// A matter names a class that is not listed.
    #[error("matter {matter} names the unknown class “{class}”")]
    UnknownClass {
        /// The matter.
        matter: MatterCode,
        /// The class it names.
        class: String,
    },
}

impl Catalogue {
    /// The classes, in the order of the file.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// The matters, in the order of the file.
    #[must_use]
    pub fn matters(&self) -> &[Matter] {
        &self.matters
    }

    /// The matter of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Matter> {
        self.by_code.get(code).map(|&at| &self.matters[at])
    }
}

impl TryFrom<Sheet> for Catalogue {
    type Error = InvalidCatalogue;
    fn try_from(sheet: Sheet) -> Result<Self, InvalidCatalogue> {
        let Sheet { classes, matters } = sheet;
        let mut by_code = FxHashMap::default();
        for (at, matter) in matters.iter().enumerate() {
            if by_code.insert(matter.code.clone(), at).is_some() {
                return Err(InvalidCatalogue::Duplicate(matter.code.clone()));
            }
            if !classes.iter().any(|class| class.code == matter.class) {
                return Err(InvalidCatalogue::UnknownClass {
                    matter: matter.code.clone(),
                    class: matter.class.clone(),
                });
            }
        }
        Ok(Self { classes, matters, by_code })
    }
}

impl From<Catalogue> for Sheet {
    fn from(catalogue: Catalogue) -> Self {
        Self { classes: catalogue.classes, matters: catalogue.matters }
    }
}
