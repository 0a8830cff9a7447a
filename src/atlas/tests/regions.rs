//! What the atlas says of the delta and of Boston.

use super::super::error::Faults;
use super::oracle::{BOSTON, DELTA};
use super::*;

#[test]
fn the_delta_loads_and_knows_its_places() {
    let atlas = &DELTA.atlas;
    let name = |lng, lat| {
        let place = atlas.place(LngLat::new(lng, lat).unwrap());
        Level::ALL.map(|level| {
            place.at(level).and_then(|code| atlas.jurisdiction(code)).map(|of| of.name.as_str())
        })
    };
    assert_eq!(name(121.4737, 31.2304), [Some("上海市"), Some("上海市"), Some("黄浦区"), None]);
    assert_eq!(name(121.105, 31.138)[3], Some("夏阳街道"));
    assert_eq!(name(100.0, 31.0), [None; 4]);
    let counts = Level::ALL.map(|level| atlas.borders(level).len());
    assert_eq!(counts, [5, 100, 827, 63]);
}

#[test]
fn every_name_is_written_inside_its_own_jurisdiction() {
    for atlas in [&DELTA.atlas, &BOSTON.atlas] {
        for of in atlas.jurisdictions().iter().filter(|of| of.level <= Level::County) {
            assert_eq!(atlas.place(of.label).at(of.level), Some(of.code), "{of:?}");
        }
    }
}

/// The kit's own derivation of the province borders, county pair by county pair
/// (see `data/SOURCES.md`).
#[test]
fn the_province_borders_are_as_long_as_those_of_the_data_kit() {
    let text = include_str!("../../../tests/fixtures/province_border_lines.geojson");
    let kit: geojson::FeatureCollection = text.parse().unwrap();
    let mut kit_m = 0.0;
    for feature in &kit {
        let lines: Vec<Vec<LngLat>> = match &feature.geometry.as_ref().unwrap().value {
            geojson::GeometryValue::LineString { coordinates } => vec![line(coordinates)],
            geojson::GeometryValue::MultiLineString { coordinates } => {
                coordinates.iter().map(|of| line(of)).collect()
            }
            other => panic!("{other:?}"),
        };
        kit_m += lines.iter().map(|line| border::length_m(line)).sum::<f64>();
    }
    let derived_m: f64 =
        DELTA.atlas.borders(Level::Province).iter().map(|border| border.length_m).sum();
    assert!((kit_m - 2_265_000.0).abs() < 1_000.0, "{kit_m}");
    assert!((derived_m / kit_m - 1.0).abs() < 0.005, "{derived_m} {kit_m}");
}

fn line(coordinates: &[geojson::Position]) -> Vec<LngLat> {
    coordinates.iter().map(|at| LngLat::new(at[0], at[1]).unwrap()).collect()
}

#[test]
fn each_border_has_its_left_on_the_left() {
    for (atlas, level) in [(&DELTA.atlas, Level::Province), (&BOSTON.atlas, Level::County)] {
        for border in atlas.borders(level) {
            let ends = &border.lines[0];
            let (a, b) = (coord(ends[0]), coord(ends[1]));
            // A step of a thousandth of the piece's length to either side.
            let step = Coord { x: a.y - b.y, y: b.x - a.x } * 1e-3;
            let at = |c: Coord<f64>| {
                let point = LngLat::new(c.x, c.y).unwrap();
                atlas.place(point).at(level)
            };
            let middle = (a + b) * 0.5;
            assert_eq!(at(middle + step), Some(border.left), "{}", border.code);
            assert_eq!(at(middle - step), Some(border.right), "{}", border.code);
        }
    }
}

#[test]
fn only_outlines_that_miss_each_other_are_mended() {
    let mended = |layers: &Layers<'_>| {
        let mut register = Register::default();
        let mut faults = Faults::default();
        register.read(Level::Province, &layers.provinces, &mut faults);
        register.read(Level::City, &layers.cities, &mut faults);
        let features = register.read(Level::County, &layers.counties, &mut faults);
        let mut shapes: Vec<_> = features.into_iter().map(|of| of.shape).collect();
        mend::mend(&mut shapes)
    };
    assert_eq!(mended(&delta()), 0);
    assert!(mended(&boston()) > 0);
}

#[test]
fn neighbourhoods_of_boston_drawn_apart_still_share_a_border() {
    let borders = BOSTON.atlas.borders(Level::County);
    assert_eq!(borders.len(), 45);
    let length_m = |name: &str| {
        borders.iter().filter(|of| of.name_en == name).map(|of| of.length_m).sum::<f64>()
    };
    // One of them lacks a corner of the other in 132 m of this line.
    let line_m =
        length_m("Mission Hill – Jamaica Plain").max(length_m("Jamaica Plain – Mission Hill"));
    assert!(line_m > 132.0, "{line_m}");
    let all_m: f64 = borders.iter().map(|border| border.length_m).sum();
    assert!((all_m - 70_670.0).abs() < 10.0, "{all_m}");
}
