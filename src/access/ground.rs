//! The land of an atlas, with its shared ground.

use std::sync::Arc;

use crate::atlas::{Atlas, REACH_M};
use crate::domain::{Code, Level, LngLat, ZoneKind};

use super::{Homes, Land};

/// An atlas, and how wide the border strip is.
///
/// Shared ground is what lies in a zone (but for an event's perimeter, which is
/// the affair of whose it is), within the strip along a border of the region's
/// level, or in no jurisdiction at all: it is nobody's alone.
#[derive(Clone, Debug)]
pub struct Ground {
    atlas: Arc<Atlas>,
    level: Level,
    strip_m: f64,
}

impl Ground {
    /// With a strip of `strip_m` metres (at most 50 km) on either side of the
    /// borders of a level.
    #[must_use]
    pub const fn new(atlas: Arc<Atlas>, level: Level, strip_m: f64) -> Self {
        Self { atlas, level, strip_m }
    }

    fn in_strip(&self, point: LngLat) -> bool {
        if self.strip_m <= REACH_M {
            let near = self.atlas.locate(point, self.level).border;
            return near.is_some_and(|near| near.distance_m <= self.strip_m);
        }
        let mut near = Vec::new();
        self.atlas.borders_within(point, self.level, self.strip_m, &mut near);
        !near.is_empty()
    }
}

impl Land for Ground {
    fn homes(&self, point: LngLat) -> Homes {
        let place = self.atlas.place(point);
        let zones = self.atlas.zones();
        let in_zone = place.zones.iter().any(|&at| {
            zones.get(usize::from(at)).is_some_and(|zone| zone.kind != ZoneKind::EventPerimeter)
        });
        let shared = in_zone || place.county.is_none() || self.in_strip(point);
        Homes::new(Level::ALL.into_iter().filter_map(|level| place.at(level)), shared)
    }

    fn above(&self, code: Code) -> Vec<Code> {
        Level::ALL.into_iter().filter_map(|level| self.atlas.ancestor(code, level)).collect()
    }

    fn is_within(&self, code: Code, agency: Code) -> bool {
        let level = self.atlas.jurisdiction(agency).map(|of| of.level);
        level.is_some_and(|level| self.atlas.ancestor(code, level) == Some(agency))
    }
}
