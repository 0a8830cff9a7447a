//! Made-up regions on a lattice, asked exactly on their lines and corners.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SIZE: usize = 5;

/// A square lattice: whose each square is (0 for nobody's), and the longitudes
/// and latitudes of its lines.
#[derive(Clone, Debug)]
struct Lattice {
    owners: Vec<u32>,
    /// West, south, east, north of each zone, as numbers of lines.
    zones: Vec<[usize; 4]>,
    lngs: Vec<f64>,
    lats: Vec<f64>,
}

fn lattice() -> impl Strategy<Value = Lattice> {
    let steps = || prop::collection::vec(0.01..0.5_f64, SIZE + 1);
    let zone = (0..SIZE, 0..SIZE, 1..=SIZE, 1..=SIZE)
        .prop_map(|(w, s, wide, high)| [w, s, (w + wide).min(SIZE), (s + high).min(SIZE)]);
    let owners = prop::collection::vec(0_u32..4, SIZE * SIZE);
    (owners, prop::collection::vec(zone, 1..6), steps(), steps(), -170.0..160.0, -60.0..60.0)
        .prop_filter("somebody owns something", |(owners, ..)| owners.iter().any(|&of| of != 0))
        .prop_map(|(owners, zones, wide, high, west, south)| {
            // Six decimals, as maps have them: such numbers are read exactly.
            let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
            let lines = |from: f64, steps: &[f64]| -> Vec<f64> {
                let line = |at: &mut f64, step: &f64| {
                    *at += step;
                    Some(round(*at))
                };
                steps.iter().scan(from, line).collect()
            };
            Lattice { owners, zones, lngs: lines(west, &wide), lats: lines(south, &high) }
        })
}

impl Lattice {
    fn rectangle(&self, [west, south, east, north]: [usize; 4]) -> Value {
        let (w, e) = (self.lngs[west], self.lngs[east]);
        let (s, n) = (self.lats[south], self.lats[north]);
        json!([[[w, s], [e, s], [e, n], [w, n], [w, s]]])
    }

    fn feature(properties: &Value, polygons: &[Value]) -> Value {
        let geometry = json!({"type": "MultiPolygon", "coordinates": polygons});
        json!({"type": "Feature", "properties": properties, "geometry": geometry})
    }

    fn collection(features: &[Value]) -> String {
        json!({"type": "FeatureCollection", "features": features}).to_string()
    }

    fn build(&self) -> Atlas {
        let whole = [self.rectangle([0, 0, SIZE, SIZE])];
        let of = |code: u32, level: &str, parent: Option<u32>, polygons: &[Value]| {
            let parent = parent.map(|code| code.to_string());
            let properties = json!({"code": code.to_string(), "name": "", "name_en": "",
                "level": level, "parent": parent});
            Self::feature(&properties, polygons)
        };
        let counties: Vec<Value> = (1..4)
            .filter_map(|owner| {
                let own = (0..SIZE * SIZE).filter(|&at| self.owners[at] == owner);
                let square = |at: usize| {
                    let (x, y) = (at % SIZE, at / SIZE);
                    self.rectangle([x, y, x + 1, y + 1])
                };
                let squares: Vec<Value> = own.map(square).collect();
                (!squares.is_empty())
                    .then(|| of(110_100 + owner, "county", Some(110_100), &squares))
            })
            .collect();
        let zones: Vec<Value> = self
            .zones
            .iter()
            .enumerate()
            .map(|(at, &zone)| {
                let properties = json!({"code": at.to_string(), "kind": "event_perimeter",
                    "name": "", "name_en": ""});
                Self::feature(&properties, &[self.rectangle(zone)])
            })
            .collect();
        let provinces = Self::collection(&[of(110_000, "province", None, &whole)]);
        let cities = Self::collection(&[of(110_100, "city", Some(110_000), &whole)]);
        let counties = Self::collection(&counties);
        let zones = Self::collection(&zones);
        Atlas::build(&Layers {
            provinces: Source { file: "provinces", text: &provinces },
            cities: Source { file: "cities", text: &cities },
            counties: Source { file: "counties", text: &counties },
            townships: None,
            zones: Some(Source { file: "zones", text: &zones }),
        })
        .unwrap()
    }

    /// The degrees of a half step: even ones are exactly on a line.
    fn at(lines: &[f64], half: usize) -> f64 {
        if half.is_multiple_of(2) {
            lines[half / 2]
        } else {
            f64::midpoint(lines[half / 2], lines[half / 2 + 1])
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// A hair east and a smaller hair north of half step (x, y) lies square
    /// (⌊x/2⌋, ⌊y/2⌋).
    #[test]
    fn a_point_on_a_line_belongs_to_the_east_and_on_a_level_one_to_the_north(
        lattice in lattice(),
    ) {
        let atlas = lattice.build();
        for (x, y) in (0..=2 * SIZE).flat_map(|x| (0..=2 * SIZE).map(move |y| (x, y))) {
            let point = LngLat::new(Lattice::at(&lattice.lngs, x), Lattice::at(&lattice.lats, y));
            let place = atlas.place(point.unwrap());
            let square = (x / 2, y / 2);
            let inside = square.0 < SIZE && square.1 < SIZE;
            let owner = if inside { lattice.owners[square.1 * SIZE + square.0] } else { 0 };
            let county = (owner != 0).then(|| Code::from_number(110_100 + owner).unwrap());
            prop_assert_eq!(place.county, county, "half step {}, {}", x, y);
            let zones: Vec<u16> = (0..)
                .zip(&lattice.zones)
                .filter(|(_, [west, south, east, north])| {
                    (*west..*east).contains(&square.0) && (*south..*north).contains(&square.1)
                })
                .map(|zone| zone.0)
                .collect();
            prop_assert_eq!(&*place.zones, zones, "half step {}, {}", x, y);
        }
    }
}
