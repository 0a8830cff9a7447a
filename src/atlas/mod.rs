//! Where is this point: datums and distances on the ground, jurisdictions,
//! borders and zones.
//!
//! Pure: no I/O, no clock. Counties are the finest layer that covers a region
//! whole; a point's county decides, and with it its city and province. A point
//! lies in one county exactly: on a line it belongs to the side east of it, and
//! on a line that runs due east to the north of it, decided by exact arithmetic.

pub mod datum;
pub mod ground;

mod border;
mod edge;
mod error;
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
pub use error::{AtlasError, Reason};
pub use jurisdiction::Jurisdiction;
pub use nearest::{NearBorder, REACH_M, Side};
pub use place::Place;
pub use source::Source;
pub use zone::Zone;

use crate::domain::{Code, Level, LngLat};
use edge::Edges;
use jurisdiction::Register;
use mosaic::Mosaic;
use nearest::Lines;
use place::Places;

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
    /// Reads and checks the layers.
    ///
    /// # Errors
    /// Names the file, the feature and what is wrong with it.
    pub fn build(layers: &Layers<'_>) -> Result<Self, AtlasError> {
        let mut register = Register::default();
        register.read(Level::Province, &layers.provinces)?;
        register.read(Level::City, &layers.cities)?;
        let counties = register.read(Level::County, &layers.counties)?;
        let townships = match &layers.townships {
            Some(source) => register.read(Level::Township, source)?,
            None => Vec::new(),
        };
        let (zones, zone_shapes) = match &layers.zones {
            Some(source) => zone::read(source, &register)?,
            None => (Vec::new(), Vec::new()),
        };

        let mut edges = Edges::default();
        let mut shapes: Vec<_> = counties.iter().map(|county| county.shape.clone()).collect();
        mend::mend(&mut shapes);
        edges
            .add_partition(&shapes, |edge| &mut edge.counties)
            .map_err(|claim| overlap(&layers.counties, &counties, claim))?;
        if let Some(source) = &layers.townships {
            let mut shapes: Vec<_> = townships.iter().map(|of| of.shape.clone()).collect();
            mend::mend(&mut shapes);
            edges
                .add_partition(&shapes, |edge| &mut edge.townships)
                .map_err(|claim| overlap(source, &townships, claim))?;
        }
        for (number, shape) in (0..).zip(&zone_shapes) {
            edges.add_zone(number, shape);
        }
        let edges = edges.finish();

        let codes = |level| -> Vec<Code> {
            register.all().iter().filter(|of| of.level == level).map(|of| of.code).collect()
        };
        let (counties, townships) = (codes(Level::County), codes(Level::Township));
        let mut places = Places::new(&register, &counties, &townships);
        let mosaic = survey::survey(&edges, &mut places).map_err(|crowded| {
            let why = format!("too many lines meet within {:?}", crowded.bounds);
            AtlasError::file(&layers.counties, Reason::TooMany(why))
        })?;
        let borders = Level::ALL.map(|level| match level {
            Level::Township => {
                border::derive(&edges, |edge| edge.townships, &townships, level, &register)
            }
            _ => border::derive(&edges, |edge| edge.counties, &counties, level, &register),
        });
        let lines = in_two_threads(&borders);
        let bbox = register.all().iter().fold(
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            |all, of| {
                let [west, south, east, north] = of.bbox;
                [all[0].min(west), all[1].min(south), all[2].max(east), all[3].max(north)]
            },
        );
        Ok(Self { register, zones, places: places.into_all(), mosaic, borders, lines, bbox })
    }

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

/// Lays the lines of every level; counties are as much work as all the others.
fn in_two_threads(borders: &[Vec<Border>; Level::ALL.len()]) -> [Lines; Level::ALL.len()] {
    let lay = |level: Level| Lines::new(&borders[level as usize]);
    std::thread::scope(|scope| {
        let counties = scope.spawn(|| lay(Level::County));
        let (provinces, cities) = (lay(Level::Province), lay(Level::City));
        let townships = lay(Level::Township);
        let counties = counties.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        [provinces, cities, counties, townships]
    })
}

fn coord(point: LngLat) -> Coord<f64> {
    Coord { x: point.lng(), y: point.lat() }
}

fn overlap<P>(
    source: &Source<'_>,
    features: &[source::Feature<P>],
    claim: edge::Claim,
) -> AtlasError {
    let name = |number: u16| features[usize::from(number) - 1].name.clone();
    let near = format!("{}, {}", claim.at.x, claim.at.y);
    let reason = if claim.first == claim.second {
        Reason::Ring(format!("it runs over itself at {near}"))
    } else {
        Reason::Overlap { other: name(claim.first), near }
    };
    AtlasError::feature(source.file, name(claim.second), reason)
}

#[cfg(test)]
mod tests;
