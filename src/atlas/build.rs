//! An atlas from the texts of its layers.

use geo::Coord;

use super::audit;
use super::border::{self, Border};
use super::edge::{Clash, Edge, Edges, Sides};
use super::error::{AtlasError, Reason};
use super::fingerprint::fingerprint;
use super::jurisdiction::Register;
use super::mosaic::Mosaic;
use super::nearest::Lines;
use super::place::Places;
use super::shape::Shape;
use super::source::Source;
use super::survey;
use super::zone::{self, Zone};
use super::{Atlas, Layers, mend};
use crate::domain::{Code, Level};

impl Atlas {
    /// Reads and checks the layers.
    ///
    /// # Errors
    /// Names the file, the feature and what is wrong with it.
    pub fn build(layers: &Layers<'_>) -> Result<Self, AtlasError> {
        let mut register = Register::default();
        register.read(Level::Province, &layers.provinces)?;
        register.read(Level::City, &layers.cities)?;
        let counties = Partition::read(&mut register, Level::County, &layers.counties)?;
        let townships = match &layers.townships {
            Some(source) => Partition::read(&mut register, Level::Township, source)?,
            None => Partition::none(Level::Township),
        };
        let zones = match &layers.zones {
            Some(source) => Zones::read(&register, source)?,
            None => Zones::default(),
        };

        let edges = edges(&counties, &townships, &zones)?;
        let mut places = Places::new(&register, &counties.codes, &townships.codes);
        let mosaic = mosaic(&edges, &counties, &townships, &zones, &mut places)?;
        let borders = Level::ALL.map(|level| match level {
            Level::Township => derive(&edges, &townships, level, &register),
            _ => derive(&edges, &counties, level, &register),
        });
        let bbox = register
            .all()
            .iter()
            .map(|of| of.bbox)
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        Ok(Self {
            fingerprint: fingerprint(&register, &zones.all, &edges),
            lines: lines(&borders),
            register,
            zones: zones.all,
            places: places.into_all(),
            mosaic,
            borders,
            bbox: bbox.unwrap_or_default(),
        })
    }
}

/// A layer whose features must not overlap.
#[derive(Debug)]
struct Partition {
    file: String,
    /// By their numbers, from 1.
    names: Vec<String>,
    codes: Vec<Code>,
    shapes: Vec<Shape>,
    level: Level,
}

impl Partition {
    fn none(level: Level) -> Self {
        let file = String::new();
        Self { file, names: Vec::new(), codes: Vec::new(), shapes: Vec::new(), level }
    }

    fn read(
        register: &mut Register,
        level: Level,
        source: &Source<'_>,
    ) -> Result<Self, AtlasError> {
        let features = register.read(level, source)?;
        if features.len() >= usize::from(u16::MAX) {
            let why = format!("{} features, {} are the most", features.len(), u16::MAX - 1);
            return Err(AtlasError::file(source, Reason::TooMany(why)));
        }
        let at_level = register.all().iter().filter(|of| of.level == level);
        let codes = at_level.map(|of| of.code).collect();
        let (names, mut shapes): (_, Vec<Shape>) =
            features.into_iter().map(|feature| (feature.name, feature.shape)).unzip();
        mend::mend(&mut shapes);
        Ok(Self { file: source.file.to_owned(), names, codes, shapes, level })
    }

    /// What lies on the two sides of an edge, of this layer's.
    fn sides(&self) -> fn(&Edge) -> Sides {
        if self.level == Level::Township { |edge| edge.townships } else { |edge| edge.counties }
    }

    fn clash(&self, clash: Clash) -> AtlasError {
        let name = |number: u16| self.names[usize::from(number) - 1].clone();
        let near = written(clash.near);
        let holding = |&(number, shape): &(u16, &Shape)| {
            number != clash.one && clash.other == 0 && shape.holds(clash.near)
        };
        let other = match (1..).zip(&self.shapes).find(holding) {
            Some((number, _)) => number,
            None => clash.other,
        };
        let reason = if other == clash.one || other == 0 {
            Reason::Ring(format!("it meets itself near {near}"))
        } else {
            Reason::Overlap { other: name(other), near }
        };
        AtlasError::feature(&self.file, name(clash.one), reason)
    }
}

/// The zones, which may overlap.
#[derive(Debug, Default)]
struct Zones {
    file: String,
    all: Vec<Zone>,
    shapes: Vec<Shape>,
}

impl Zones {
    fn read(register: &Register, source: &Source<'_>) -> Result<Self, AtlasError> {
        let (all, shapes) = zone::read(source, register)?;
        if all.len() > usize::from(u16::MAX) {
            let why = format!("{} zones, {} are the most", all.len(), u16::MAX);
            return Err(AtlasError::file(source, Reason::TooMany(why)));
        }
        Ok(Self { file: source.file.to_owned(), all, shapes })
    }

    fn crosses(&self, zone: u16, near: Coord<f64>) -> AtlasError {
        let name = format!("feature {zone} ({})", self.all[usize::from(zone)].code);
        let reason = Reason::Ring(format!("it crosses itself near {}", written(near)));
        AtlasError::feature(&self.file, name, reason)
    }
}

fn written(at: Coord<f64>) -> String {
    format!("{}, {}", at.x, at.y)
}

fn edges(
    counties: &Partition,
    townships: &Partition,
    zones: &Zones,
) -> Result<Vec<Edge>, AtlasError> {
    let mut edges = Edges::default();
    edges
        .add_partition(&counties.shapes, |edge| &mut edge.counties)
        .map_err(|clash| counties.clash(clash))?;
    edges
        .add_partition(&townships.shapes, |edge| &mut edge.townships)
        .map_err(|clash| townships.clash(clash))?;
    for (number, shape) in (0..).zip(&zones.shapes) {
        edges.add_zone(number, shape);
    }
    Ok(edges.finish())
}

/// Lays the mosaic, and makes sure that the lines are such that it is right.
fn mosaic(
    edges: &[Edge],
    counties: &Partition,
    townships: &Partition,
    zones: &Zones,
    places: &mut Places,
) -> Result<Mosaic, AtlasError> {
    let grid = survey::grid_over(edges);
    let touches = survey::touches(edges, &grid);
    for layer in [counties, townships] {
        audit::crossings(edges, &touches, layer.sides()).map_err(|clash| layer.clash(clash))?;
    }
    audit::zone_crossings(edges, &touches).map_err(|(zone, near)| zones.crosses(zone, near))?;
    let mosaic = survey::survey(edges, grid, &touches, places).map_err(|crowded| AtlasError {
        file: counties.file.clone(),
        feature: None,
        reason: Reason::TooMany(format!("too many lines meet within {:?}", crowded.bounds)),
    })?;
    for (layer, number) in [(counties, survey::county as fn(_) -> _), (townships, survey::township)]
    {
        audit::overlaps(edges, &mosaic, layer.sides(), number, layer.codes.len())
            .map_err(|clash| layer.clash(clash))?;
    }
    Ok(mosaic)
}

fn derive(edges: &[Edge], layer: &Partition, level: Level, register: &Register) -> Vec<Border> {
    border::derive(edges, layer.sides(), &layer.codes, level, register)
}

/// Lays the lines of every level in two threads: the counties' are as much work
/// as all the others.
fn lines(borders: &[Vec<Border>; Level::ALL.len()]) -> [Lines; Level::ALL.len()] {
    let lay = |level: Level| Lines::new(&borders[level as usize]);
    std::thread::scope(|scope| {
        let counties = scope.spawn(|| lay(Level::County));
        let (provinces, cities) = (lay(Level::Province), lay(Level::City));
        let townships = lay(Level::Township);
        let counties = counties.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        [provinces, cities, counties, townships]
    })
}
