//! Where is this point: datums and distances on the ground, jurisdictions,
//! borders and zones.
//!
//! Pure: no I/O, no clock. Counties are the finest layer that covers a region
//! whole; a point's county decides, and with it its city and province. A point
//! lies in one county exactly: on a line it belongs to the side east of it, and
//! on a line that runs due east to the north of it, decided by exact arithmetic.

pub mod datum;
pub mod ground;

mod audit;
mod border;
mod build;
mod edge;
mod error;
mod fingerprint;
mod grid;
mod jurisdiction;
mod mend;
mod mosaic;
mod nearest;
mod place;
mod plane;
mod reach;
mod shape;
mod side;
mod source;
mod survey;
mod zone;

use std::fmt;

use geo::Coord;

pub use border::Border;
pub use error::{AtlasError, AtlasErrors, Reason};
pub use jurisdiction::Jurisdiction;
pub use nearest::{NearBorder, REACH_M, Side};
pub use place::Place;
pub use source::Source;
pub use zone::Zone;

use crate::domain::{Code, Level, LngLat};
use jurisdiction::Register;
use mosaic::Mosaic;
use nearest::Lines;

/// The texts an atlas is made from.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    /// 省级
    pub provinces: Source<'a>,
    /// 地级
    pub cities: Source<'a>,
    /// 县级; they decide where a point lies.
    pub counties: Source<'a>,
    /// 乡级, as far as known.
    pub townships: Option<Source<'a>>,
    /// Priority zones.
    pub zones: Option<Source<'a>>,
}

/// Every jurisdiction, border and zone of a region, and where a point lies among
/// them.
pub struct Atlas {
    register: Register,
    zones: Vec<Zone>,
    places: Vec<Place>,
    mosaic: Mosaic,
    /// By [`Level`].
    borders: [Vec<Border>; Level::ALL.len()],
    lines: [Lines; Level::ALL.len()],
    bbox: [f64; 4],
    fingerprint: u64,
    left_out: Vec<String>,
}

/// Where a point lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Location<'a> {
    /// Its jurisdictions and zones.
    pub place: &'a Place,
    /// The nearest border of the level asked for, within [`REACH_M`].
    pub border: Option<NearBorder>,
}

impl Atlas {
    /// Where a point lies, and the nearest border of a level within [`REACH_M`].
    #[must_use]
    pub fn locate(&self, point: LngLat, level: Level) -> Location<'_> {
        let place = self.place(point);
        let border = self.lines[level as usize].nearest(coord(point), place.at(level));
        Location { place, border }
    }

    /// Where a point lies.
    #[must_use]
    pub fn place(&self, point: LngLat) -> &Place {
        &self.places[self.mosaic.place(coord(point)) as usize]
    }

    /// The borders of a level, by the codes of their sides.
    #[must_use]
    pub fn borders(&self, level: Level) -> &[Border] {
        &self.borders[level as usize]
    }

    /// Every border of a level within `within_m` (at most 50 km) of a point: its
    /// index and its distance in metres, by index. `out` is cleared first.
    pub fn borders_within(
        &self,
        point: LngLat,
        level: Level,
        within_m: f64,
        out: &mut Vec<(u32, f64)>,
    ) {
        self.lines[level as usize].within(coord(point), within_m, out);
    }

    /// Every jurisdiction, the widest level first.
    #[must_use]
    pub fn jurisdictions(&self) -> &[Jurisdiction] {
        self.register.all()
    }

    /// The jurisdiction of a code.
    #[must_use]
    pub fn jurisdiction(&self, code: Code) -> Option<&Jurisdiction> {
        self.register.get(code)
    }

    /// The jurisdiction of a level that holds another, itself included.
    #[must_use]
    pub fn ancestor(&self, code: Code, level: Level) -> Option<Code> {
        self.register.ancestor(code, level)
    }

    /// Every zone, in the order of its file.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// A number that differs when an atlas would give some point another place or
    /// other borders; the same in every process.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What of the layers encloses nothing and was left out, in words: the file, the
    /// feature, and what.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// `[west, south, east, north]` of all jurisdictions, degrees.
    #[must_use]
    pub fn bbox(&self) -> [f64; 4] {
        self.bbox
    }
}

impl fmt::Debug for Atlas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Atlas")
            .field("jurisdictions", &self.register.all().len())
            .field("zones", &self.zones.len())
            .field("places", &self.places.len())
            .finish_non_exhaustive()
    }
}

fn coord(point: LngLat) -> Coord<f64> {
    Coord { x: point.lng(), y: point.lat() }
}

#[cfg(test)]
mod tests;
