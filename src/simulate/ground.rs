//! The region as the public doors show it: what lies where, where people live,
//! where boats can go.

use geo::{BoundingRect, Contains, Point, Polygon, Rect};
use geojson::GeoJson;
use jiff::tz::TimeZone;

use crate::atlas::{Atlas, AtlasErrors, Layers, Location, Source};
use crate::domain::{Code, Level, LngLat, ZoneKind};
use crate::wire::RegionView;

use super::doors::{DoorError, Doors};

/// A place where people live.
#[derive(Clone, Debug)]
pub struct Town {
    /// Its middle.
    pub center: LngLat,
    /// The county it lies in.
    pub county: Code,
    /// Whether it lies in what the region shows first.
    pub in_view: bool,
    /// Whether it lies in a demonstration zone.
    pub in_zone: bool,
    /// Whether a border that counts runs by its middle.
    pub by_border: bool,
}

/// A lake.
#[derive(Clone, Debug)]
pub struct Lake {
    shape: Polygon,
    frame: Rect,
}

impl Lake {
    /// Whether a point lies on the water.
    #[must_use]
    pub fn contains(&self, point: LngLat) -> bool {
        self.shape.contains(&Point::new(point.lng(), point.lat()))
    }

    /// `[west, south, east, north]`.
    #[must_use]
    pub fn bbox(&self) -> [f64; 4] {
        [self.frame.min().x, self.frame.min().y, self.frame.max().x, self.frame.max().y]
    }
}

/// What the simulator knows of a region.
#[derive(Debug)]
pub struct Ground {
    region: RegionView,
    zone: TimeZone,
    atlas: Atlas,
    towns: Vec<Town>,
    lakes: Vec<Lake>,
    describe: String,
}

/// Why the ground cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// A door refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The boundaries do not hold.
    #[error(transparent)]
    Atlas(#[from] AtlasErrors),
    /// A layer is no GeoJSON.
    #[error("layer {layer}: {why}")]
    Layer {
        /// Which.
        layer: &'static str,
        /// Why.
        why: Box<geojson::Error>,
    },
    /// The time zone is not known here.
    #[error("time zone: {0}")]
    Zone(jiff::Error),
    /// There is no county.
    #[error("the region has no county")]
    Empty,
}

/// The texts of the layers; those that a region may lack are optional.
#[derive(Clone, Debug)]
pub struct Maps {
    /// Provinces.
    pub provinces: String,
    /// Cities.
    pub cities: String,
    /// Counties.
    pub counties: String,
    /// Townships.
    pub townships: Option<String>,
    /// Zones.
    pub zones: Option<String>,
    /// Water.
    pub water: Option<String>,
}

impl Ground {
    /// Asks a running service; `describe` is the plan's.
    pub async fn ask(doors: &Doors, describe: &str) -> Result<Self, GroundError> {
        let region = doors.region().await?;
        let has = |layer: &str| region.layers.iter().any(|known| known == layer);
        let maps = Maps {
            provinces: doors.layer("provinces").await?,
            cities: doors.layer("cities").await?,
            counties: doors.layer("counties").await?,
            townships: if has("townships") { Some(doors.layer("townships").await?) } else { None },
            zones: if has("zones") { Some(doors.layer("zones").await?) } else { None },
            water: if has("water") { Some(doors.layer("water").await?) } else { None },
        };
        Self::new(region, &maps, describe)
    }

    /// From what a service answers.
    pub fn new(region: RegionView, maps: &Maps, describe: &str) -> Result<Self, GroundError> {
        let source = |file, text| Source { file, text };
        let atlas = Atlas::build(&Layers {
            provinces: source("provinces", &maps.provinces),
            cities: source("cities", &maps.cities),
            counties: source("counties", &maps.counties),
            townships: maps.townships.as_deref().map(|text| source("townships", text)),
            zones: maps.zones.as_deref().map(|text| source("zones", text)),
        })?;
        let zone = TimeZone::get(&region.time_zone).map_err(GroundError::Zone)?;
        let towns = towns(&atlas, &region);
        if towns.is_empty() {
            return Err(GroundError::Empty);
        }
        let lakes = maps.water.as_deref().map(lakes).transpose()?.unwrap_or_default();
        Ok(Self { region, zone, atlas, towns, lakes, describe: describe.to_owned() })
    }

    /// What the service says of its region.
    #[must_use]
    pub fn region(&self) -> &RegionView {
        &self.region
    }

    /// The region's time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The region's jurisdictions and borders.
    #[must_use]
    pub fn atlas(&self) -> &Atlas {
        &self.atlas
    }

    /// Where people live; never empty.
    #[must_use]
    pub fn towns(&self) -> &[Town] {
        &self.towns
    }

    /// Where boats can go.
    #[must_use]
    pub fn lakes(&self) -> &[Lake] {
        &self.lakes
    }

    /// Whether a point lies in a jurisdiction of any level.
    #[must_use]
    pub fn within(&self, point: LngLat, code: Code) -> bool {
        let place = self.atlas.place(point);
        Level::ALL.iter().any(|&level| place.at(level) == Some(code))
    }

    /// The county of a point.
    #[must_use]
    pub fn county(&self, point: LngLat) -> Option<Code> {
        self.atlas.place(point).at(Level::County)
    }

    /// The lines of a border of any level, by its two codes in either order.
    #[must_use]
    pub fn border(&self, code: &str) -> Option<&[Vec<LngLat>]> {
        // Codes may have hyphens of their own (ISO 3166-2).
        let parts: Vec<&str> = code.split('-').collect();
        let (left, right) = parts.split_at(parts.len() / 2);
        let turned = (!left.is_empty()).then(|| format!("{}-{}", right.join("-"), left.join("-")));
        let named = |border: &&crate::atlas::Border| {
            border.code == code || Some(&border.code) == turned.as_ref()
        };
        Level::ALL
            .iter()
            .find_map(|&level| self.atlas.borders(level).iter().find(named))
            .map(|border| border.lines.as_slice())
    }

    /// The description of an incident made up here.
    #[must_use]
    pub fn describe(&self, matter: &str, point: LngLat) -> String {
        let county = self.county(point).and_then(|code| self.atlas.jurisdiction(code));
        let place = county.map_or("", |county| &county.name);
        let matter = self.region.matters.iter().find(|known| known.code == matter);
        let matter = matter.map_or("", |matter| &matter.name);
        self.describe.replace("{place}", place).replace("{matter}", matter)
    }
}

/// A town for each township and county, at its label.
fn towns(atlas: &Atlas, region: &RegionView) -> Vec<Town> {
    let [west, south, east, north] = region.view;
    let lived_in = |level| matches!(level, Level::County | Level::Township);
    atlas
        .jurisdictions()
        .iter()
        .filter(|jurisdiction| lived_in(jurisdiction.level))
        .filter_map(|jurisdiction| {
            let center = jurisdiction.label;
            let Location { place, border } = atlas.locate(center, region.level);
            let county = place.at(Level::County)?;
            let in_view =
                (west..=east).contains(&center.lng()) && (south..=north).contains(&center.lat());
            let in_zone = place
                .zones
                .iter()
                .any(|&at| atlas.zones()[usize::from(at)].kind == ZoneKind::DemonstrationZone);
            Some(Town { center, county, in_view, in_zone, by_border: border.is_some() })
        })
        .collect()
}

fn lakes(text: &str) -> Result<Vec<Lake>, GroundError> {
    let layer = |why| GroundError::Layer { layer: "water", why: Box::new(why) };
    let GeoJson::FeatureCollection(features) = text.parse().map_err(layer)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for feature in features.features {
        let is_lake = feature.property("kind").and_then(|kind| kind.as_str()) == Some("lake");
        let Some(geometry) = feature.geometry.filter(|_| is_lake) else { continue };
        let shapes = match geo::Geometry::try_from(geometry).map_err(layer)? {
            geo::Geometry::Polygon(shape) => vec![shape],
            geo::Geometry::MultiPolygon(shapes) => shapes.0,
            _ => Vec::new(),
        };
        found.extend(shapes.into_iter().filter_map(|shape| {
            let frame = shape.bounding_rect()?;
            Some(Lake { shape, frame })
        }));
    }
    Ok(found)
}
