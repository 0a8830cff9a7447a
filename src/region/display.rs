//! The map as the pages draw it: fewer points, the properties that a page reads, no line
//! twice. The files of the folder stay what they are; this is derived from them.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::atlas::Border;
use crate::domain::{Level, LngLat};

use super::Region;
use super::outline::{Outlines, Point, Thinned};

/// How far from its place a line may be drawn, metres, in a region as wide as
/// [`WIDE_M`]: the borders that the region is about; all other boundaries; waters;
/// counties, by which names are placed only.
const FINE_M: f64 = 20.0;
const PLAIN_M: f64 = 100.0;
const WATER_M: f64 = 150.0;
const COARSE_M: f64 = 600.0;

/// From corner to corner, metres. A smaller region is looked at from nearer: its lines
/// are drawn finer by as much as it is smaller.
const WIDE_M: f64 = 1_200_000.0;

/// Metres a degree of latitude.
const DEGREE_M: f64 = 111_320.0;

/// The properties that a page reads.
const READ: [&str; 8] =
    ["code", "kind", "name", "name_en", "seat", "area_km2", "level", "approximate"];

#[derive(Debug, Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    properties: Map<String, Value>,
    geometry: Geometry,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Point(Point),
    LineString(Vec<Point>),
    MultiLineString(Vec<Vec<Point>>),
    Polygon(Vec<Vec<Point>>),
    MultiPolygon(Vec<Vec<Vec<Point>>>),
}

/// The layers that the pages draw, by name, GeoJSON. A layer that they cannot read (a
/// region may draw its waters as it likes) is left as it is.
pub(super) fn layers(region: &Region) -> Vec<(&'static str, String)> {
    let read = |name: &str| {
        region.layer(name).and_then(|text| serde_json::from_slice::<Collection>(text).ok())
    };
    let (provinces, counties) = (read("provinces"), read("counties"));
    let (zones, townships, water) = (read("zones"), read("townships"), read("water"));
    let strongest = Level::ALL.into_iter().position(|level| level == region.level).unwrap_or(0);
    let levels = &Level::ALL[strongest..];

    let scale = (breadth(region.atlas.bbox()) / WIDE_M).min(1.0);
    let [fine, plain, wet, coarse] = [FINE_M, PLAIN_M, WATER_M, COARSE_M].map(|m| m * scale);

    let mut boundaries = Outlines::default();
    for collection in [&provinces, &counties, &zones].into_iter().flatten() {
        collection.lines(&mut |line| boundaries.add(line, plain));
    }
    for &level in levels {
        let tolerance = if level == region.level { fine } else { plain };
        for line in region.atlas.borders(level).iter().flat_map(|border| &border.lines) {
            boundaries.add(&points(line), tolerance);
        }
    }
    let boundaries = boundaries.thin();
    let places = decimals(fine);
    let alone = |collection: &Option<Collection>, tolerance: f64, places: i32| {
        let collection = collection.as_ref()?;
        let mut graph = Outlines::default();
        collection.lines(&mut |line| graph.add(line, tolerance));
        Some(collection.thinned(&graph.thin(), places))
    };

    let borders = borders(levels, |level| region.atlas.borders(level), &boundaries, places);
    let drawn = [
        ("provinces", provinces.as_ref().map(|one| one.thinned(&boundaries, places))),
        ("counties", alone(&counties, coarse, decimals(coarse))),
        ("zones", zones.as_ref().map(|one| one.thinned(&boundaries, places))),
        ("townships", alone(&townships, 0.0, places)),
        ("water", alone(&water, wet, places)),
        ("borders", Some(borders)),
    ];
    drawn
        .into_iter()
        .filter_map(|(name, layer)| {
            let whole =
                || region.layer(name).map(|text| String::from_utf8_lossy(text).into_owned());
            layer.map(|layer| layer.to_string()).or_else(whole).map(|text| (name, text))
        })
        .collect()
}

/// The borders, each piece once: at the strongest level at which it is one.
fn borders<'a>(
    levels: &[Level],
    of: impl Fn(Level) -> &'a [Border],
    thinned: &Thinned,
    places: i32,
) -> Value {
    let mut drawn = FxHashSet::default();
    let features = levels.iter().map(|&level| {
        let mut lines: Vec<Value> = Vec::new();
        for line in of(level).iter().flat_map(|border| &border.lines) {
            let mut run: Vec<Point> = Vec::new();
            for pair in thinned.line(&points(line)).windows(2) {
                let [from, to] = [pair[0], pair[1]].map(|at| at.map(f64::to_bits));
                if drawn.insert([from.min(to), from.max(to)]) {
                    if run.is_empty() {
                        run.push(pair[0]);
                    }
                    run.push(pair[1]);
                } else if !run.is_empty() {
                    lines.push(written(&std::mem::take(&mut run), places));
                }
            }
            if !run.is_empty() {
                lines.push(written(&run, places));
            }
        }
        json!({
            "type": "Feature",
            "properties": {"level": level},
            "geometry": {"type": "MultiLineString", "coordinates": lines},
        })
    });
    json!({"type": "FeatureCollection", "features": features.collect::<Vec<_>>()})
}

impl Collection {
    fn lines(&self, take: &mut dyn FnMut(&[Point])) {
        for feature in &self.features {
            match &feature.geometry {
                Geometry::Point(_) => {}
                Geometry::LineString(line) => take(line),
                Geometry::MultiLineString(lines) | Geometry::Polygon(lines) => {
                    for line in lines {
                        take(line);
                    }
                }
                Geometry::MultiPolygon(polygons) => {
                    for ring in polygons.iter().flatten() {
                        take(ring);
                    }
                }
            }
        }
    }

    fn thinned(&self, by: &Thinned, places: i32) -> Value {
        let features: Vec<Value> =
            self.features.iter().filter_map(|feature| feature.thinned(by, places)).collect();
        json!({"type": "FeatureCollection", "features": features})
    }
}

impl Feature {
    /// What is drawn of it; nothing if it has become too small.
    fn thinned(&self, by: &Thinned, places: i32) -> Option<Value> {
        let written = |line: &[Point]| written(line, places);
        let line = |line: &Vec<Point>| Some(by.line(line)).filter(|left| left.len() >= 2);
        let polygon = |rings: &Vec<Vec<Point>>| {
            by.ring(rings.first()?)?;
            Some(rings.iter().filter_map(|ring| by.ring(ring)).map(|ring| written(&ring)).collect())
        };
        let (kind, coordinates): (_, Value) = match &self.geometry {
            Geometry::Point(at) => ("Point", written(&[*at])[0].take()),
            Geometry::LineString(one) => ("LineString", written(&line(one)?)),
            Geometry::MultiLineString(lines) => {
                let lines = lines.iter().filter_map(line).map(|line| written(&line));
                ("MultiLineString", lines.collect())
            }
            Geometry::Polygon(rings) => ("Polygon", polygon(rings)?),
            Geometry::MultiPolygon(polygons) => {
                let left: Vec<Value> = polygons.iter().filter_map(polygon).collect();
                if left.is_empty() {
                    return None;
                }
                ("MultiPolygon", left.into())
            }
        };
        let properties: Map<String, Value> = self
            .properties
            .iter()
            .filter(|(name, _)| READ.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Some(json!({
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": kind, "coordinates": coordinates},
        }))
    }
}

/// From corner to corner of `[west, south, east, north]`, metres.
fn breadth([west, south, east, north]: [f64; 4]) -> f64 {
    let narrow = f64::midpoint(south, north).to_radians().cos();
    ((east - west) * DEGREE_M * narrow).hypot((north - south) * DEGREE_M)
}

/// So many decimal places of a degree are finer than a tolerance in metres.
fn decimals(tolerance_m: f64) -> i32 {
    (1..8).find(|&places| DEGREE_M / 10_f64.powi(places) <= tolerance_m).unwrap_or(8)
}

fn written(line: &[Point], places: i32) -> Value {
    let scale = 10_f64.powi(places);
    let mut rounded: Vec<Point> =
        line.iter().map(|at| at.map(|part| (part * scale).round() / scale)).collect();
    rounded.dedup();
    rounded.iter().map(|at| Value::from(at.to_vec())).collect()
}

fn points(line: &[LngLat]) -> Vec<Point> {
    line.iter().map(|at| [at.lng(), at.lat()]).collect()
}
