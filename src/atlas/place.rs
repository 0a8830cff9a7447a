//! Where a point lies.

use rustc_hash::FxHashMap;

use super::jurisdiction::Register;
use crate::domain::{Code, Level};

/// Where a point lies: one jurisdiction of each level, and every zone.
///
/// Each distinct answer exists once, so a place can be compared by address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// 省级
    pub province: Option<Code>,
    /// 地级
    pub city: Option<Code>,
    /// 县级
    pub county: Option<Code>,
    /// 乡级, where the region has a layer of them.
    pub township: Option<Code>,
    /// Indexes among [`super::Atlas::zones`], ascending.
    pub zones: Box<[u16]>,
}

impl Place {
    /// Its jurisdiction of a level.
    #[must_use]
    pub const fn at(&self, level: Level) -> Option<Code> {
        match level {
            Level::Province => self.province,
            Level::City => self.city,
            Level::County => self.county,
            Level::Township => self.township,
        }
    }
}

/// The number of a place among all places of an atlas.
pub(super) type PlaceId = u32;

/// The place outside everything.
pub(super) const NOWHERE: PlaceId = 0;

/// What the lines say of a point: the numbers of its county and township (from
/// 1; 0 is none), and its zones, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Cover {
    pub county: u16,
    pub township: u16,
    pub zones: Vec<u16>,
}

impl Cover {
    /// Crosses a zone's outline.
    pub fn cross_zone(&mut self, zone: u16) {
        match self.zones.binary_search(&zone) {
            Ok(at) => drop(self.zones.remove(at)),
            Err(at) => self.zones.insert(at, zone),
        }
    }
}

/// Every distinct place, each once.
#[derive(Debug)]
pub(super) struct Places {
    all: Vec<Place>,
    by_place: FxHashMap<Place, PlaceId>,
    by_cover: FxHashMap<Cover, PlaceId>,
    /// The place of each county without township or zone, by its number.
    counties: Vec<Place>,
    /// The code of each township and of its county, by its number.
    townships: Vec<(Code, Option<Code>)>,
}

impl Places {
    /// Numbers counties and townships in the order given.
    pub fn new(register: &Register, counties: &[Code], townships: &[Code]) -> Self {
        let of_county = |&code: &Code| Place {
            province: register.ancestor(code, Level::Province),
            city: register.ancestor(code, Level::City),
            county: Some(code),
            ..Place::default()
        };
        let of_township = |&code: &Code| (code, register.ancestor(code, Level::County));
        let nowhere = Place::default();
        Self {
            all: vec![nowhere.clone()],
            by_place: FxHashMap::from_iter([(nowhere.clone(), NOWHERE)]),
            by_cover: FxHashMap::default(),
            counties: std::iter::once(nowhere).chain(counties.iter().map(of_county)).collect(),
            townships: townships.iter().map(of_township).collect(),
        }
    }

    /// The place of a cover.
    ///
    /// The county decides, and with it everything above it: a township counts
    /// only inside its own county, because townships may be drawn less exactly.
    pub fn id(&mut self, cover: &Cover) -> PlaceId {
        if let Some(&id) = self.by_cover.get(cover) {
            return id;
        }
        // Where features overlap a cover has numbers that are nobody's; they are
        // found and refused once the lines are laid.
        let mut place = self.counties.get(usize::from(cover.county)).cloned().unwrap_or_default();
        let township = usize::from(cover.township).checked_sub(1);
        if let Some(&(code, county)) = township.and_then(|index| self.townships.get(index)) {
            place.township = (county == place.county).then_some(code);
        }
        place.zones = cover.zones.as_slice().into();
        let next = PlaceId::try_from(self.all.len()).unwrap_or(PlaceId::MAX);
        let id = *self.by_place.entry(place.clone()).or_insert(next);
        if id == next {
            self.all.push(place);
        }
        self.by_cover.insert(cover.clone(), id);
        id
    }

    /// The places by their numbers.
    pub fn into_all(self) -> Vec<Place> {
        self.all
    }
}
