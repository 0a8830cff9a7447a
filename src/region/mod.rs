//! A region's folder, read and cross-checked.
//!
//! Nothing else in the code knows which region it serves.

mod borders;
mod display;
mod error;
mod outline;
mod rules;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde::Deserialize;

pub use error::{RegionError, RulesError};
pub use rules::{rules_from_json, rules_from_toml};

use crate::atlas::{Atlas, Layers, Source};
use crate::domain::text::without_mark;
use crate::domain::{Catalogue, Grading, Level, RuleSet};

/// A region: its map, matters and rules, and what it is called.
#[derive(Clone, Debug)]
pub struct Region {
    /// Jurisdictions, borders, zones.
    pub atlas: Arc<Atlas>,
    /// What an incident can be about.
    pub catalogue: Arc<Catalogue>,
    /// The rules of its file.
    pub rules: Arc<RuleSet>,
    /// What lifts alerts above the severity of their rule.
    pub grading: Grading,
    /// Name in the region's own language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Days begin at its midnight.
    pub time_zone: TimeZone,
    /// IANA name of the time zone.
    pub time_zone_name: String,
    /// What the map shows first: `[west, south, east, north]`, degrees.
    pub view: [f64; 4],
    /// The level whose borders count on the pages.
    pub level: Level,
    /// Where the boundaries are from, in the region's own language.
    pub attribution: String,
    /// Where the boundaries are from, in English.
    pub attribution_en: String,
    layers: Vec<(&'static str, Bytes)>,
}

/// `region.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    name: String,
    name_en: String,
    time_zone: String,
    view: [f64; 4],
    level: Level,
    attribution: String,
    attribution_en: String,
    #[serde(default)]
    grading: Grading,
}

impl Region {
    /// Reads a region's folder.
    ///
    /// # Errors
    /// Names the file, what in it, and why it is refused.
    pub fn read(folder: &Path) -> Result<Self, RegionError> {
        let no_region = || RegionError::NoRegion { folder: folder.display().to_string() };
        let sheet_file = Text::if_there(folder, "region.toml")?.ok_or_else(no_region)?;
        let sheet: Sheet =
            toml::from_str(&sheet_file.text).map_err(|why| sheet_file.wrong(&why))?;
        let time_zone = TimeZone::get(&sheet.time_zone)
            .map_err(|why| sheet_file.wrong_in("time_zone", why.to_string()))?;
        check_view(sheet.view).map_err(|why| sheet_file.wrong_in("view", why))?;
        sheet.grading.check().map_err(|why| {
            sheet_file.wrong_in(&format!("grading.{}", why.field), why.why.to_owned())
        })?;

        let map = Map::read(folder)?;
        let atlas = Atlas::build(&map.layers())?;
        let catalogue = catalogue(folder, &atlas)?;
        let rules_file = Text::needed(folder, "rules.toml")?;
        let rules = rules_from_toml(&rules_file.text, &catalogue)
            .map_err(|why| RegionError::Rules { file: rules_file.file, why })?;

        let mut layers = map.into_layers();
        layers.push(("borders", borders::geojson(&atlas).into()));
        Ok(Self {
            atlas: Arc::new(atlas),
            catalogue: Arc::new(catalogue),
            rules: Arc::new(rules),
            grading: sheet.grading,
            name: sheet.name,
            name_en: sheet.name_en,
            time_zone,
            time_zone_name: sheet.time_zone,
            view: sheet.view,
            level: sheet.level,
            attribution: sheet.attribution,
            attribution_en: sheet.attribution_en,
            layers,
        })
    }

    /// The names of the map layers there are.
    pub fn layers(&self) -> impl Iterator<Item = &'static str> {
        self.layers.iter().map(|layer| layer.0)
    }

    /// The map layers as the pages draw them, by name: with fewer points (the
    /// borders that the region is about move by 30 m at most, other boundaries by 110 m,
    /// waters by 160 m, counties by 700 m; less in a region smaller than the delta), only what a page reads, and each piece of a
    /// border once. Takes a while.
    #[must_use]
    pub fn display_layers(&self) -> Vec<(&'static str, Bytes)> {
        let layers = display::layers(self).into_iter();
        layers.map(|(name, text)| (name, Bytes::from(text))).collect()
    }

    /// A map layer as GeoJSON: a file of the folder as it is, or `borders`.
    #[must_use]
    pub fn layer(&self, name: &str) -> Option<&Bytes> {
        self.layers.iter().find(|layer| layer.0 == name).map(|layer| &layer.1)
    }
}

/// A file of the folder.
#[derive(Debug)]
struct Text {
    file: String,
    text: String,
}

impl Text {
    fn needed(folder: &Path, name: &str) -> Result<Self, RegionError> {
        let path = folder.join(name);
        let file = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self { file, text: without_mark(&text).to_owned() }),
            Err(why) => Err(RegionError::Read { file, why }),
        }
    }

    fn if_there(folder: &Path, name: &str) -> Result<Option<Self>, RegionError> {
        match Self::needed(folder, name) {
            Ok(text) => Ok(Some(text)),
            Err(RegionError::Read { why, .. }) if why.kind() == ErrorKind::NotFound => Ok(None),
            Err(why) => Err(why),
        }
    }

    fn source(&self) -> Source<'_> {
        Source { file: &self.file, text: &self.text }
    }

    fn wrong(&self, why: &dyn std::error::Error) -> RegionError {
        RegionError::Shape { file: self.file.clone(), why: why.to_string() }
    }

    fn wrong_in(&self, field: &str, why: String) -> RegionError {
        RegionError::Field { file: self.file.clone(), field: field.to_owned(), why }
    }
}

/// The files of boundaries.
#[derive(Debug)]
struct Map {
    provinces: Text,
    cities: Text,
    counties: Text,
    townships: Option<Text>,
    zones: Option<Text>,
    water: Option<Text>,
}

impl Map {
    fn read(folder: &Path) -> Result<Self, RegionError> {
        let map = Self {
            provinces: Text::needed(folder, "provinces.geojson")?,
            cities: Text::needed(folder, "cities.geojson")?,
            counties: Text::needed(folder, "counties.geojson")?,
            townships: Text::if_there(folder, "townships.geojson")?,
            zones: Text::if_there(folder, "zones.geojson")?,
            water: Text::if_there(folder, "water.geojson")?,
        };
        // The water is only drawn: that it is JSON is all that is asked of it.
        if let Some(water) = &map.water {
            serde_json::from_str::<serde::de::IgnoredAny>(&water.text)
                .map_err(|why| water.wrong(&why))?;
        }
        Ok(map)
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            provinces: self.provinces.source(),
            cities: self.cities.source(),
            counties: self.counties.source(),
            townships: self.townships.as_ref().map(Text::source),
            zones: self.zones.as_ref().map(Text::source),
        }
    }

    fn into_layers(self) -> Vec<(&'static str, Bytes)> {
        let layers = [
            ("provinces", Some(self.provinces)),
            ("cities", Some(self.cities)),
            ("counties", Some(self.counties)),
            ("townships", self.townships),
            ("zones", self.zones),
            ("water", self.water),
        ];
        let there = |(name, text): (_, Option<Text>)| text.map(|text| (name, text.text.into()));
        layers.into_iter().filter_map(there).collect()
    }
}

fn catalogue(folder: &Path, atlas: &Atlas) -> Result<Catalogue, RegionError> {
    let file = Text::needed(folder, "matters.json")?;
    let catalogue: Catalogue = serde_json::from_str(&file.text).map_err(|why| file.wrong(&why))?;
    for matter in catalogue.matters() {
        let is_province =
            |code| atlas.jurisdiction(code).is_some_and(|of| of.level == Level::Province);
        if let Some(code) = matter.cooperating.iter().find(|&&code| !is_province(code)) {
            let field = format!("matter {}: cooperating", matter.code);
            return Err(file.wrong_in(&field, format!("{code} is no province of the region")));
        }
    }
    Ok(catalogue)
}

fn check_view([west, south, east, north]: [f64; 4]) -> Result<(), String> {
    let inside = -180.0 <= west && east <= 180.0 && -90.0 <= south && north <= 90.0;
    if inside && west < east && south < north {
        Ok(())
    } else {
        Err("must be west, south, east, north in degrees, west < east, south < north".to_owned())
    }
}

#[cfg(test)]
mod tests;
