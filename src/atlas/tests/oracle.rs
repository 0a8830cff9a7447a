//! Slower, plainer answers, and points that are hard to answer for.

use std::sync::LazyLock;

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Coord, MultiPolygon};
use proptest::prelude::*;

use super::super::error::Faults;
use super::super::shape::Shape;
use super::super::{mend, zone};
use super::*;

/// A region with what the plain answers need.
pub struct Plain {
    pub atlas: Atlas,
    pub counties: Vec<Area<Code>>,
    pub townships: Vec<Area<Code>>,
    pub zones: Vec<Area<u16>>,
    sides: Vec<(Coord<f64>, Coord<f64>)>,
}

/// A polygon and whose it is.
pub struct Area<C> {
    pub of: C,
    pub shape: Shape,
    bbox: [f64; 4],
    polygons: MultiPolygon<f64>,
}

impl<C> Area<C> {
    fn new(of: C, shape: Shape) -> Self {
        Self { of, bbox: shape.bbox(), polygons: shape.to_geo(), shape }
    }

    fn is_near(&self, point: Coord<f64>) -> bool {
        let [west, south, east, north] = self.bbox;
        (west..=east).contains(&point.x) && (south..=north).contains(&point.y)
    }

    /// Whether it holds a point, by its whole outline.
    pub fn holds(&self, point: Coord<f64>) -> bool {
        self.is_near(point) && self.shape.holds(point)
    }

    /// What geo says.
    pub fn position(&self, point: Coord<f64>) -> CoordPos {
        if self.is_near(point) {
            self.polygons.coordinate_position(&point)
        } else {
            CoordPos::Outside
        }
    }
}

impl Plain {
    pub fn new(layers: &Layers<'_>) -> Self {
        let atlas = Atlas::build(layers).unwrap();
        let mut register = Register::default();
        let mut faults = Faults::default();
        register.read(Level::Province, &layers.provinces, &mut faults);
        register.read(Level::City, &layers.cities, &mut faults);
        let mut read = |level, source| -> Vec<Area<Code>> {
            let features = register.read(level, source, &mut faults);
            let codes: Vec<Code> =
                register.all().iter().filter(|of| of.level == level).map(|of| of.code).collect();
            let mut shapes: Vec<Shape> = features.into_iter().map(|of| of.shape).collect();
            mend::mend(&mut shapes);
            codes.into_iter().zip(shapes).map(|(of, shape)| Area::new(of, shape)).collect()
        };
        let counties = read(Level::County, &layers.counties);
        let townships =
            layers.townships.as_ref().map_or_else(Vec::new, |of| read(Level::Township, of));
        let zones = layers
            .zones
            .as_ref()
            .map_or_else(Vec::new, |source| zone::read(source, &register, &mut faults).1);
        let zones: Vec<_> = (0..).zip(zones).map(|(of, shape)| Area::new(of, shape)).collect();
        let shapes = counties.iter().map(|area| &area.shape);
        let shapes = shapes.chain(townships.iter().map(|area| &area.shape));
        let shapes = shapes.chain(zones.iter().map(|area| &area.shape));
        let sides = shapes.flat_map(Shape::sides).collect();
        Self { atlas, counties, townships, zones, sides }
    }

    /// A point for whatever was drawn.
    pub fn point(&self, draw: Draw) -> LngLat {
        let Coord { x, y } = match draw {
            Draw::Anywhere { east, north } => {
                let [west, south, most_east, most_north] = self.atlas.bbox();
                let along = |from: f64, to: f64, part: f64| from + (to - from) * part;
                Coord {
                    x: along(west - 0.1, most_east + 0.1, east),
                    y: along(south - 0.1, most_north + 0.1, north),
                }
            }
            Draw::Corner { side } => self.sides[side % self.sides.len()].0,
            Draw::Side { side, along, off, digits } => {
                let (a, b) = self.sides[side % self.sides.len()];
                let off = off * 10.0_f64.powi(-digits);
                a + (b - a) * along + Coord { x: b.y - a.y, y: a.x - b.x } * off
            }
        };
        LngLat::new(x, y).unwrap()
    }
}

/// How to choose a point.
#[derive(Clone, Copy, Debug)]
pub enum Draw {
    /// Over the whole region and a little beyond, by parts of its box.
    Anywhere { east: f64, north: f64 },
    /// Exactly on a corner.
    Corner { side: usize },
    /// On a side or beside it, by parts of its length.
    Side { side: usize, along: f64, off: f64, digits: i32 },
}

pub fn draw() -> impl Strategy<Value = Draw> {
    prop_oneof![
        (0.0..1.0, 0.0..1.0).prop_map(|(east, north)| Draw::Anywhere { east, north }),
        any::<usize>().prop_map(|side| Draw::Corner { side }),
        (any::<usize>(), 0.0..=1.0, -1.0..1.0, 0..18).prop_map(|(side, along, off, digits)| {
            Draw::Side { side, along, off: if digits == 17 { 0.0 } else { off }, digits }
        }),
        (any::<usize>(), -0.5..1.5, -9.0..9.0).prop_map(|(side, along, off)| Draw::Side {
            side,
            along,
            off,
            digits: 0
        }),
    ]
}

pub static DELTA: LazyLock<Plain> = LazyLock::new(|| Plain::new(&delta()));
pub static BOSTON: LazyLock<Plain> = LazyLock::new(|| Plain::new(&boston()));
