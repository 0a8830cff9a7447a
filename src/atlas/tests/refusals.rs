//! What is refused, and with what words.

use super::*;

/// A small region: one province, one city, and counties as given.
struct Draft {
    provinces: String,
    cities: String,
    counties: String,
    townships: Option<String>,
    zones: Option<String>,
}

const SQUARE: &str = "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]";
const NEXT: &str = "[[[1,0],[2,0],[2,1],[1,1],[1,0]]]";

fn feature(code: &str, level: &str, parent: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}","name":"{code}","name_en":"{code}",
        "level":"{level}","parent":{parent}}},
        "geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn county(code: &str, coordinates: &str) -> String {
    feature(code, "county", "\"110100\"", coordinates)
}

fn zone(code: &str, kind: &str, members: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}","kind":"{kind}","name":"区",
        "name_en":"zone","members":{members}}},
        "geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#
    )
}

impl Draft {
    fn new(counties: &[String]) -> Self {
        Self {
            provinces: collection(&[feature("110000", "province", "null", SQUARE)]),
            cities: collection(&[feature("110100", "city", "\"110000\"", SQUARE)]),
            counties: collection(counties),
            townships: None,
            zones: None,
        }
    }

    fn build(&self) -> Result<Atlas, AtlasErrors> {
        let optional = |file, text| Some(Source { file, text });
        Atlas::build(&Layers {
            provinces: Source { file: "provinces", text: &self.provinces },
            cities: Source { file: "cities", text: &self.cities },
            counties: Source { file: "counties", text: &self.counties },
            townships: self.townships.as_ref().and_then(|text| optional("townships", text)),
            zones: self.zones.as_ref().and_then(|text| optional("zones", text)),
        })
    }

    /// Asserts that it is refused in words that begin and go on so.
    fn refused(&self, begins: &str, says: &str) {
        let why = self.build().unwrap_err().to_string();
        assert!(why.starts_with(begins) && why.contains(says), "{why}");
    }
}

fn counties(coordinates: &[&str]) -> Draft {
    let codes = ["110101", "110102", "110103"];
    let features: Vec<String> =
        codes.into_iter().zip(coordinates).map(|(code, at)| county(code, at)).collect();
    Draft::new(&features)
}

#[test]
fn a_sound_region_is_taken() {
    let atlas = counties(&[SQUARE, NEXT]).build().unwrap();
    let border = &atlas.borders(Level::County)[0];
    assert_eq!(border.code, "110101-110102");
    assert_eq!((border.lines.len(), border.lines[0].len()), (1, 2));
    // The left is on the left: the line runs north.
    assert!(border.lines[0][0].lat() < border.lines[0][1].lat());
    // From the equator to 1° N by the chord, 1.4 m shorter than the meridian.
    assert!((border.length_m - 110_573.0).abs() < 0.1, "{}", border.length_m);
}

#[test]
fn a_text_that_is_no_feature_collection_is_refused() {
    let mut draft = counties(&[SQUARE]);
    draft.counties = "{".to_owned();
    draft.refused("counties: ", "EOF");
    draft.counties = r#"{"type":"Feature"}"#.to_owned();
    draft.refused("counties: ", "is a Feature, not a FeatureCollection");
    draft.counties = r#"{"type":"FeatureCollection"}"#.to_owned();
    draft.refused("counties: ", "missing field `features`");
    draft.counties = collection(&[]);
    draft.refused("counties: ", "holds no feature");
}

#[test]
fn a_number_that_is_none_is_refused_by_its_feature() {
    counties(&[SQUARE, "[[[1,0],[NaN,0],[2,1],[1,1],[1,0]]]"])
        .refused("counties: feature 1: ", "line 5");
    counties(&["[[[0,0],[null,0],[1,1],[0,0]]]"])
        .refused("counties: feature 0 (110101): coordinates: ", "null");
    counties(&["[[[0,0],[1e999,0],[1,1],[0,0]]]"])
        .refused("counties: feature 0 (110101): coordinates: ", "out of range");
    counties(&["[[[0,0],[\"1\",0],[1,1],[0,0]]]"])
        .refused("counties: feature 0 (110101): coordinates: ", "string");
    counties(&["[[[0,0],[181,0],[1,1],[0,0]]]"])
        .refused("counties: feature 0 (110101): coordinates: ", "longitude 181");
}

#[test]
fn a_geometry_of_another_type_is_refused() {
    let mut draft = counties(&[SQUARE]);
    draft.counties = draft.counties.replace("Polygon", "LineString");
    draft.refused("counties: feature 0 (110101): ", "geometry is a LineString");
    counties(&["[[0,0],[1,0],[1,1],[0,0]]"])
        .refused("counties: feature 0 (110101): coordinates: ", "expected");
    draft.counties = r#"{"type":"FeatureCollection","features":[7]}"#.to_owned();
    draft.refused("counties: feature 0: ", "invalid type");
}

#[test]
fn an_invalid_ring_is_refused() {
    let refused = |ring: &str, why: &str| {
        counties(&[SQUARE, ring]).refused("counties: feature 1 (110102): invalid ring: ", why);
    };
    refused("[[[3,0],[4,0],[3,0]]]", "3 positions, four is the least");
    refused("[[[3,0],[4,0],[4,1],[3,1]]]", "is not closed");
    refused("[[[3,0],[5,1],[5,0],[3,2],[3,0]]]", "it meets itself near");
}

#[test]
fn what_encloses_nothing_is_left_out_and_told() {
    let left_out = |ring: &str, whole: bool, what: &str| {
        let atlas = counties(&[SQUARE, ring]).build().unwrap();
        let told = atlas.left_out().join("\n");
        assert!(told.starts_with("counties: feature 1 (110102): "), "{told}");
        assert!(told.contains(what), "{told}");
        assert_eq!(atlas.jurisdictions().len(), if whole { 3 } else { 4 }, "{ring}");
    };
    left_out("[]", true, "it encloses nothing: left out");
    left_out("[[[3,0],[4,0],[5,0],[3,0]]]", true, "the ring that begins at 3, 0 encloses nothing");
    left_out("[[[3,0],[3,0],[3,0],[3,0]]]", true, "the ring that begins at 3, 0 encloses nothing");
    // A hole that is none.
    let hole = "[[[3,0],[4,0],[4,1],[3,1],[3,0]],[[3.5,0.5],[3.6,0.5],[3.5,0.5],[3.5,0.5]]]";
    left_out(hole, false, "the ring that begins at 3.5, 0.5 encloses nothing");
    let mut parts = counties(&[SQUARE]);
    parts.counties = parts
        .counties
        .replace("Polygon", "MultiPolygon")
        .replace(SQUARE, "[[],[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[3,0],[4,0],[5,0],[3,0]]]]");
    let atlas = parts.build().unwrap();
    assert_eq!(atlas.left_out().len(), 1, "{:?}", atlas.left_out());
    // Nothing is silent: what lies in it has no parent then.
    counties(&["[]"]).refused("counties: ", "holds no feature");
    assert!(counties(&[SQUARE, NEXT]).build().unwrap().left_out().is_empty());
}

#[test]
fn the_feature_that_really_overlaps_is_named() {
    let big = "[[[10,0],[10.2,0],[10.2,0.2],[10,0.2],[10,0]]]";
    let enclave = "[[[10.05,0.05],[10.1,0.05],[10.1,0.1],[10.05,0.1],[10.05,0.05]]]";
    let elsewhere = "[[[10.2,0],[10.4,0],[10.4,0.2],[10.2,0.2],[10.2,0]]]";
    let told = |shapes: &[&str]| counties(shapes).build().unwrap_err().to_string();
    let first = told(&[big, enclave, elsewhere]);
    assert!(first.contains("(110101)") && first.contains("(110102)"), "{first}");
    assert!(!first.contains("(110103)") && first.lines().count() == 1, "{first}");
    let last = told(&[big, elsewhere, enclave]);
    assert!(last.contains("(110101)") && last.contains("(110103)"), "{last}");
    assert!(!last.contains("(110102)"), "{last}");
    // Three that lie in each other: every pair that meets at a line.
    let inner = "[[[10.06,0.06],[10.09,0.06],[10.09,0.09],[10.06,0.09],[10.06,0.06]]]";
    let nested = told(&[big, enclave, inner]);
    assert!(nested.lines().count() >= 2, "{nested}");
}

#[test]
fn all_faults_of_a_run_are_told_at_once() {
    let mut draft = Draft::new(&[
        county("110101", SQUARE),
        county("110102", "[[[0.5,0.5],[1.5,0.5],[1.5,1.5],[0.5,1.5],[0.5,0.5]]]"),
        county("1-1", "[[[5,0],[6,0],[6,1],[5,1],[5,0]]]"),
        county("110103", "[[[3,0],[4,0],[4,1],[3,1]]]"),
        feature("110104", "county", "\"119900\"", "[[[7,0],[8,0],[8,1],[7,1],[7,0]]]"),
        county("110105", "[[[20,0],[22,1],[22,0],[20,2],[20,0]]]"),
    ]);
    // In a county that is refused: that is fault enough.
    let town = "[[[3,0],[4,0],[4,1],[3,1],[3,0]]]";
    draft.townships = Some(collection(&[feature("110103001", "township", "\"110103\"", town)]));
    draft.zones = Some(collection(&[zone("z", "park", "[]", SQUARE)]));
    let told = draft.build().unwrap_err().to_string();
    let lines: Vec<&str> = told.lines().collect();
    let says = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    for part in [
        "counties: feature 2: “1-1” is not a code",
        "counties: feature 3 (110103): invalid ring: the one that begins at 3, 0 is not closed",
        "counties: feature 4 (110104): parent 119900 is in no wider layer",
        "feature 0 (110101)",
        "counties: feature 5 (110105): invalid ring: it meets itself near",
        "zones: feature 0: unknown variant `park`",
    ] {
        assert_eq!(says(part), 1, "{part}\n{told}");
    }
    assert_eq!(lines.len(), 6, "{told}");

    let many: Vec<String> = (0..30).map(|_| county("1-1", SQUARE)).collect();
    let told = Draft::new(&many).build().unwrap_err().to_string();
    assert!(told.ends_with("\nand 10 more") && told.lines().count() == 21, "{told}");
}

#[test]
fn counties_that_overlap_are_refused() {
    let overlap = |shapes: &[&str]| {
        counties(shapes).refused("counties: feature ", "overlaps feature ");
    };
    overlap(&[SQUARE, "[[[0.5,0.5],[1.5,0.5],[1.5,1.5],[0.5,1.5],[0.5,0.5]]]"]);
    overlap(&[SQUARE, "[[[0.3,0.3],[0.6,0.3],[0.6,0.6],[0.3,0.6],[0.3,0.3]]]"]);
    overlap(&[SQUARE, "[[[0,0],[1,0],[0.5,0.5],[0,0]]]"]);
    overlap(&[SQUARE, SQUARE]);
    // By a triangle that lies between two lines of the grid, and touches at corners.
    overlap(&[SQUARE, "[[[0,0],[1,1],[0.501,0.5],[0,0]]]"]);
    // One part of a county inside another.
    let mut twice = counties(&[SQUARE]);
    twice.counties = twice.counties.replace("Polygon", "MultiPolygon").replace(
        SQUARE,
        "[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[0.2,0.2],[0.4,0.2],[0.3,0.4],[0.2,0.2]]]]",
    );
    twice.refused("counties: feature 0 (110101): invalid ring: ", "it meets itself");
}

#[test]
fn a_county_in_the_hole_of_another_is_no_overlap() {
    let ring =
        "[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[0.3,0.3],[0.6,0.3],[0.6,0.6],[0.3,0.6],[0.3,0.3]]]";
    let inner = "[[[0.3,0.3],[0.6,0.3],[0.6,0.6],[0.3,0.6],[0.3,0.3]]]";
    let atlas = counties(&[ring, inner]).build().unwrap();
    let borders = atlas.borders(Level::County);
    assert_eq!((borders.len(), borders[0].lines.len(), borders[0].lines[0].len()), (1, 1, 5));
}

#[test]
fn a_jurisdiction_out_of_order_is_refused() {
    let of = |code: &str, level: &str, parent: &str| {
        Draft::new(&[county("110101", SQUARE), feature(code, level, parent, NEXT)])
    };
    let begins = "counties: feature 1 (110102): ";
    of("110102", "county", "\"110200\"").refused(begins, "parent 110200 is in no wider layer");
    of("110102", "county", "\"110101\"").refused(begins, "parent 110101 is in no wider layer");
    of("110102", "county", "null").refused(begins, "names no parent");
    of("110102", "city", "\"110000\"")
        .refused(begins, "level is city, in the layer of level county");
    let twice = of("110101", "county", "\"110100\"");
    twice.refused("counties: feature 1 (110101): ", "is also that of counties: feature 0 (110101)");
    let above = of("110100", "county", "\"110100\"");
    above.refused("counties: feature 1 (110100): ", "is also that of cities: feature 0 (110100)");
    of("1-1", "county", "\"110100\"").refused("counties: feature 1: ", "“1-1” is not a code");
    of("110102", "village", "\"110100\"").refused("counties: feature 1: ", "unknown variant");
}

#[test]
fn a_broken_zone_is_refused() {
    let of = |zones: &[String]| {
        let mut draft = counties(&[SQUARE]);
        draft.zones = Some(collection(zones));
        draft
    };
    let kind = "event_perimeter";
    of(&[zone("z", kind, "[]", SQUARE), zone("z", kind, "[]", SQUARE)])
        .refused("zones: feature 1 (z): ", "code z is also that of feature 0 (z)");
    of(&[zone("z", kind, "[\"110109\"]", SQUARE)])
        .refused("zones: feature 0 (z): ", "member 110109 is in no layer");
    of(&[zone("z", "park", "[]", SQUARE)]).refused("zones: feature 0: ", "unknown variant `park`");
    of(&[zone("z", kind, "[]", "[[[3,0],[5,1],[5,0],[3,2],[3,0]]]")])
        .refused("zones: feature 0 (z): invalid ring: ", "it crosses itself near");
    // Zones may overlap each other and cross counties.
    of(&[
        zone("z", kind, "[]", SQUARE),
        zone("y", kind, "[]", "[[[0.5,0.5],[3,0.5],[3,3],[0.5,0.5]]]"),
    ])
    .build()
    .unwrap();
}

#[test]
fn townships_that_overlap_are_refused() {
    let mut draft = counties(&[SQUARE]);
    let township = |code, at| feature(code, "township", "\"110101\"", at);
    let half = "[[[0,0],[0.6,0],[0.6,1],[0,1],[0,0]]]";
    let other = "[[[0.5,0],[1,0],[1,1],[0.5,1],[0.5,0]]]";
    draft.townships =
        Some(collection(&[township("110101001", half), township("110101002", other)]));
    draft.refused("townships: feature ", "overlaps feature ");
}
