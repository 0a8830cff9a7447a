//! What the shapes must ask of the map: where a point lies, and what things are
//! called.

use std::fmt;

use crate::access::Land;
use crate::domain::{Code, Level, LngLat};

use super::BorderView;

/// The map, as far as a name, a place or who may see it goes on the wire. Answers
/// do not change while the service runs.
pub trait Gazetteer: Land + fmt::Debug {
    /// Where a point lies.
    fn place(&self, point: LngLat) -> Place;

    /// A jurisdiction by its code.
    fn jurisdiction(&self, code: Code) -> Option<Named<'_>>;

    /// The zones' codes; a zone's index is its place here.
    fn zones(&self) -> &[String];

    /// The index of a zone by its code.
    fn zone(&self, code: &str) -> Option<u16> {
        let at = self.zones().iter().position(|zone| zone == code)?;
        u16::try_from(at).ok()
    }

    /// A border by its index among those of a level.
    fn border(&self, level: Level, index: u32) -> Option<BorderView>;
}

/// Where a point lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The jurisdiction of each level, in the order of [`Level::ALL`], where one
    /// is known.
    pub jurisdictions: [Option<Code>; Level::ALL.len()],
    /// The indexes of the zones.
    pub zones: Vec<u16>,
}

impl Place {
    /// Its jurisdiction of a level.
    #[must_use]
    pub const fn at(&self, level: Level) -> Option<Code> {
        self.jurisdictions[level as usize]
    }
}

/// What a jurisdiction is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its level.
    pub level: Level,
    /// Name in the region's language.
    pub name: &'a str,
    /// Name in English.
    pub name_en: &'a str,
}
