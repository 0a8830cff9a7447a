//! The borders as a map layer.

use serde_json::{Value, json};

use crate::atlas::{Atlas, Border};
use crate::domain::{Code, Level, LngLat};

/// Every border of every level as GeoJSON, the widest level first.
pub(super) fn geojson(atlas: &Atlas) -> String {
    let features: Vec<Value> = Level::ALL
        .into_iter()
        .flat_map(|level| atlas.borders(level).iter().map(move |border| (level, border)))
        .map(|(level, border)| feature(atlas, level, border))
        .collect();
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn feature(atlas: &Atlas, level: Level, border: &Border) -> Value {
    let drawn_roughly = |code: Code| atlas.jurisdiction(code).is_some_and(|of| of.approximate);
    let lines: Vec<Vec<[f64; 2]>> =
        border.lines.iter().map(|line| line.iter().copied().map(position).collect()).collect();
    json!({
        "type": "Feature",
        "properties": {
            "code": border.code,
            "level": level,
            "left": border.left,
            "right": border.right,
            "name": border.name,
            "name_en": border.name_en,
            "length_m": border.length_m.round(),
            "approximate": drawn_roughly(border.left) || drawn_roughly(border.right),
        },
        "geometry": {"type": "MultiLineString", "coordinates": lines},
    })
}

fn position(point: LngLat) -> [f64; 2] {
    [point.lng(), point.lat()]
}
