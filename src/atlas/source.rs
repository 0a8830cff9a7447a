//! Boundaries as GeoJSON text, read strictly.

use std::cell::Cell;
use std::fmt;

use geo::Coord;
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;

use super::error::{AtlasError, Faults, Reason};
use super::shape::Shape;
use crate::domain::LngLat;

/// The text of a layer, and the file's name for errors.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What to call it.
    pub file: &'a str,
    /// A GeoJSON feature collection of polygons, WGS-84.
    pub text: &'a str,
}

/// One feature of a layer.
#[derive(Debug)]
pub(super) struct Feature<P> {
    /// What to call it in an error.
    pub name: String,
    pub properties: P,
    pub shape: Shape,
}

/// What every kind of feature can say of itself.
pub(super) trait Named {
    /// Its code as text.
    fn code(&self) -> String;
}

/// Reads every feature of a layer: those that can be used, in the order of the file.
pub(super) fn read<P: DeserializeOwned + Named>(
    source: &Source<'_>,
    faults: &mut Faults,
) -> Vec<Feature<P>> {
    let at = Cell::new(None);
    let mut json = serde_json::Deserializer::from_str(source.text);
    let raw =
        Collection { at: &at }.deserialize(&mut json).and_then(|raw| json.end().map(|()| raw));
    match raw {
        Ok(raw) if raw.is_empty() => {
            faults.add(AtlasError::file(source, Reason::Empty));
            Vec::new()
        }
        Ok(raw) => {
            let all = raw.into_iter().enumerate();
            all.filter_map(|(index, raw)| feature(source.file, index, raw, faults)).collect()
        }
        Err(why) => {
            faults.add(AtlasError {
                file: source.file.to_owned(),
                feature: at.get().map(|index| format!("feature {index}")),
                reason: Reason::Shape(why.to_string()),
            });
            Vec::new()
        }
    }
}

fn feature<P: DeserializeOwned + Named>(
    file: &str,
    index: usize,
    raw: &RawValue,
    faults: &mut Faults,
) -> Option<Feature<P>> {
    let raw: RawFeature<'_, P> = match serde_json::from_str(raw.get()) {
        Ok(raw) => raw,
        Err(why) => {
            let reason = Reason::Shape(without_place(&why));
            faults.add(AtlasError::feature(file, format!("feature {index}"), reason));
            return None;
        }
    };
    let code = raw.properties.code();
    let name = format!("feature {index} ({code})");
    let mut left_out = Vec::new();
    let shape = geometry(&raw.geometry, &mut left_out);
    let told = left_out.into_iter().map(|what| format!("{file}: {name}: {what}: left out"));
    faults.left_out.extend(told);
    match shape {
        Ok(Some(shape)) => Some(Feature { name, properties: raw.properties, shape }),
        Ok(None) => {
            faults.left_out.push(format!("{file}: {name}: it encloses nothing: left out"));
            None
        }
        Err(reason) => {
            faults.refused.insert(code);
            faults.add(AtlasError::feature(file, name, reason));
            None
        }
    }
}

/// Without the line and column, which count within the feature.
fn without_place(why: &serde_json::Error) -> String {
    let text = why.to_string();
    let end = text.rfind(" at line ").filter(|_| why.line() > 0);
    text[..end.unwrap_or(text.len())].to_owned()
}

fn geometry(raw: &RawGeometry<'_>, left_out: &mut Vec<String>) -> Result<Option<Shape>, Reason> {
    let text = raw.coordinates.map_or("null", RawValue::get);
    let broken = |why: serde_json::Error| Reason::Shape(format!("coordinates: {why}"));
    let polygons: Vec<Vec<Vec<Position>>> = match raw.kind.as_str() {
        "Polygon" => vec![serde_json::from_str(text).map_err(broken)?],
        "MultiPolygon" => serde_json::from_str(text).map_err(broken)?,
        other => return Err(Reason::WrongType(other.to_owned())),
    };
    let coords = |ring: Vec<Position>| ring.into_iter().map(|position| position.0).collect();
    let polygons = polygons.into_iter().map(|rings| rings.into_iter().map(coords).collect());
    Shape::new(polygons.collect(), left_out)
}

#[derive(serde::Deserialize)]
struct RawFeature<'a, P> {
    #[serde(rename = "type")]
    _kind: FeatureType,
    properties: P,
    #[serde(borrow)]
    geometry: RawGeometry<'a>,
}

#[derive(serde::Deserialize)]
enum FeatureType {
    Feature,
}

#[derive(serde::Deserialize)]
struct RawGeometry<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

/// A position: longitude, latitude, and what else may follow. Numbers of up to 15
/// digits are read exactly, longer ones to within the last bit (2 nm on the
/// ground), the same text always alike.
struct Position(Coord<f64>);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Position;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a position [longitude, latitude] in degrees")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Position, A::Error> {
                let short = |length| de::Error::invalid_length(length, &Numbers);
                let lng = seq.next_element()?.ok_or_else(|| short(0))?;
                let lat = seq.next_element()?.ok_or_else(|| short(1))?;
                while seq.next_element::<f64>()?.is_some() {}
                let point = LngLat::new(lng, lat).map_err(de::Error::custom)?;
                Ok(Position(Coord { x: point.lng(), y: point.lat() }))
            }
        }
        from.deserialize_seq(Numbers)
    }
}

/// Reads a feature collection, keeping in `at` which feature is being read.
struct Collection<'c> {
    at: &'c Cell<Option<usize>>,
}

impl<'de> DeserializeSeed<'de> for Collection<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collection<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut features = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => {
                    let kind: String = map.next_value()?;
                    if kind != "FeatureCollection" {
                        let why = format!("is a {kind}, not a FeatureCollection");
                        return Err(de::Error::custom(why));
                    }
                }
                "features" => {
                    features = Some(map.next_value_seed(Features { at: self.at })?);
                }
                _ => {
                    map.next_value::<de::IgnoredAny>()?;
                }
            }
        }
        features.ok_or_else(|| de::Error::missing_field("features"))
    }
}

struct Features<'c> {
    at: &'c Cell<Option<usize>>,
}

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut features = Vec::new();
        loop {
            self.at.set(Some(features.len()));
            match seq.next_element()? {
                Some(feature) => features.push(feature),
                None => break,
            }
        }
        self.at.set(None);
        Ok(features)
    }
}
