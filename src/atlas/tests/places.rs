//! The place of a point against plain answers.

use geo::Coord;
use geo::coordinate_position::CoordPos;
use proptest::prelude::*;

use super::oracle::{Area, BOSTON, DELTA, Plain, draw};
use super::*;

/// Holds the place of a point against a ray through every outline, and against
/// geo, which knows three answers: inside, outside, on the line.
fn check(region: &Plain, point: LngLat) {
    let place = region.atlas.place(point);
    let at = Coord { x: point.lng(), y: point.lat() };

    let holding = |areas: &[Area<Code>]| -> Vec<Code> {
        areas.iter().filter(|area| area.holds(at)).map(|area| area.of).collect()
    };
    let counties = holding(&region.counties);
    assert!(counties.len() <= 1, "{point:?} lies in {counties:?}");
    assert_eq!(place.county, counties.first().copied(), "{point:?}");
    let above = |level| place.county.and_then(|code| region.atlas.ancestor(code, level));
    assert_eq!((place.province, place.city), (above(Level::Province), above(Level::City)));

    let townships = holding(&region.townships);
    assert!(townships.len() <= 1, "{point:?} lies in {townships:?}");
    let own = |code: &Code| region.atlas.ancestor(*code, Level::County) == place.county;
    assert_eq!(place.township, townships.first().copied().filter(own), "{point:?}");

    let zones: Vec<u16> =
        region.zones.iter().filter(|area| area.holds(at)).map(|area| area.of).collect();
    assert_eq!(&*place.zones, zones, "{point:?}");

    let positions: Vec<(Code, CoordPos)> =
        region.counties.iter().map(|area| (area.of, area.position(at))).collect();
    let within = positions.iter().find(|of| of.1 == CoordPos::Inside).map(|of| of.0);
    let touched: Vec<Code> =
        positions.iter().filter(|of| of.1 == CoordPos::OnBoundary).map(|of| of.0).collect();
    if touched.is_empty() {
        assert_eq!(place.county, within, "{point:?}");
    } else {
        assert_eq!(within, None, "{point:?} is in one county and on another's line");
        assert!(place.county.is_none_or(|code| touched.contains(&code)), "{point:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_point_of_the_delta_lies_where_plain_answers_say(draw in draw()) {
        check(&DELTA, DELTA.point(draw));
    }

    #[test]
    fn a_point_of_boston_lies_where_plain_answers_say(draw in draw()) {
        check(&BOSTON, BOSTON.point(draw));
    }
}

#[test]
fn every_corner_inside_the_delta_lies_in_exactly_one_county() {
    let region = &*DELTA;
    let touching = |at: Coord<f64>| region.counties.iter().filter(move |area| area.holds(at));
    let sides = region.counties.iter().take(40).flat_map(|area| area.shape.sides());
    for (at, _) in sides.step_by(7) {
        let place = region.atlas.place(LngLat::new(at.x, at.y).unwrap());
        assert_eq!(place.county, touching(at).next().map(|area| area.of));
        assert!(touching(at).count() <= 1);
    }
}
