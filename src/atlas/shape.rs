//! Polygons as rings whose inside is on the left.

use geo::{BoundingRect, Coord, InteriorPoint, LineString, MultiPolygon, Polygon};

use super::error::Reason;
use super::side::{is_left, passes_lat};
use crate::domain::LngLat;

/// Polygons with their holes.
///
/// Every ring has at least three corners, no two neighbours alike, is not closed
/// by a repeated first corner, and has the inside of the polygon on its left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub polygons: Vec<Vec<Vec<Coord<f64>>>>,
}

impl Shape {
    /// From closed rings as GeoJSON holds them: the outer one first. A ring that encloses
    /// nothing is left out, an outer one with its holes, and told in `left_out`; `None`
    /// if nothing is left.
    pub fn new(
        polygons: Vec<Vec<Vec<Coord<f64>>>>,
        left_out: &mut Vec<String>,
    ) -> Result<Option<Self>, Reason> {
        let mut kept = Vec::with_capacity(polygons.len());
        for mut rings in polygons {
            let mut sound = Vec::with_capacity(rings.len());
            for (at, mut ring) in rings.drain(..).enumerate() {
                let begins = open(&mut ring)?;
                let area = if ring.len() < 3 { 0.0 } else { twice_area(&ring) };
                if area == 0.0 {
                    left_out.push(format!("the ring that begins at {begins} encloses nothing"));
                    if at == 0 {
                        break;
                    }
                    continue;
                }
                if (area > 0.0) != (at == 0) {
                    ring.reverse();
                }
                sound.push(ring);
            }
            if !sound.is_empty() {
                kept.push(sound);
            }
        }
        Ok((!kept.is_empty()).then_some(Self { polygons: kept }))
    }

    /// Every ring.
    pub fn rings(&self) -> impl Iterator<Item = &Vec<Coord<f64>>> {
        self.polygons.iter().flatten()
    }

    /// Every side of every ring, from corner to corner, the inside on the left.
    pub fn sides(&self) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> {
        self.rings().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)))
    }

    /// Whether a point lies inside, by a ray due east.
    pub fn holds(&self, point: Coord<f64>) -> bool {
        let crosses = |&(a, b): &(Coord<f64>, Coord<f64>)| {
            let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
            passes_lat(low, high, point.y) && is_left(low, high, point)
        };
        self.sides().filter(crosses).count() % 2 == 1
    }

    /// Leaves out rings that have fewer than three corners left or enclose nothing.
    pub fn drop_collapsed(&mut self) {
        let holds = |ring: &Vec<Coord<f64>>| ring.len() >= 3 && twice_area(ring) != 0.0;
        self.polygons.retain(|rings| holds(&rings[0]));
        for rings in &mut self.polygons {
            rings.retain(holds);
        }
    }

    /// As geo's own type.
    pub fn to_geo(&self) -> MultiPolygon<f64> {
        let close = |ring: &Vec<Coord<f64>>| {
            let mut line = LineString(ring.clone());
            line.close();
            line
        };
        let polygon = |rings: &Vec<Vec<Coord<f64>>>| {
            Polygon::new(close(&rings[0]), rings[1..].iter().map(close).collect())
        };
        MultiPolygon(self.polygons.iter().map(polygon).collect())
    }

    /// `[west, south, east, north]`, degrees.
    pub fn bbox(&self) -> [f64; 4] {
        self.to_geo()
            .bounding_rect()
            .map_or([0.0; 4], |rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y])
    }

    /// A point inside, well away from the outline: where to write a name.
    pub fn label(&self) -> LngLat {
        let largest = self
            .polygons
            .iter()
            .max_by(|a, b| twice_area(&a[0]).abs().total_cmp(&twice_area(&b[0]).abs()));
        let inside = largest
            .and_then(|rings| Self { polygons: vec![rings.clone()] }.to_geo().interior_point());
        let corner = self.polygons[0][0][0];
        let at = inside.map_or(corner, |point| point.0);
        LngLat::new(at.x, at.y).unwrap_or_else(|_| unreachable!("it lies within the ring"))
    }
}

/// Takes off the repeated last corner and what is repeated between; says where the
/// ring begins.
fn open(ring: &mut Vec<Coord<f64>>) -> Result<String, Reason> {
    if ring.len() < 4 {
        return Err(Reason::Ring(format!("it has {} positions, four is the least", ring.len())));
    }
    if ring.first() != ring.last() {
        return Err(Reason::Ring(format!("the one that begins at {} is not closed", near(ring))));
    }
    let begins = near(ring);
    ring.pop();
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    Ok(begins)
}

fn near(ring: &[Coord<f64>]) -> String {
    format!("{}, {}", ring[0].x, ring[0].y)
}

/// Twice the area a ring encloses in square degrees, positive when it runs
/// anticlockwise. Taken from the first corner, so that near corners do not lose
/// their digits.
pub(super) fn twice_area(ring: &[Coord<f64>]) -> f64 {
    let from = ring[0];
    let next = ring.iter().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| (a.x - from.x) * (b.y - from.y) - (a.y - from.y) * (b.x - from.x))
        .sum()
}
