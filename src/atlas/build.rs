//! An atlas from the texts of its layers.

use geo::Coord;

use super::audit;
use super::audit::Suspect;
use super::border::{self, Border};
use super::edge::{Clash, Clashes, Edge, Edges, Sides};
use super::error::{AtlasError, AtlasErrors, Faults, Reason};
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
    /// Names the files, the features and what is wrong with them: all that one run can
    /// find.
    pub fn build(layers: &Layers<'_>) -> Result<Self, AtlasErrors> {
        let mut faults = Faults::default();
        let mut register = Register::default();
        register.read(Level::Province, &layers.provinces, &mut faults);
        register.read(Level::City, &layers.cities, &mut faults);
        let counties = Partition::read(&mut register, Level::County, &layers.counties, &mut faults);
        let townships = match &layers.townships {
            Some(source) => Partition::read(&mut register, Level::Township, source, &mut faults),
            None => Partition::none(Level::Township),
        };
        let zones = match &layers.zones {
            Some(source) => Zones::read(&register, source, &mut faults),
            None => Zones::default(),
        };
        if counties.shapes.is_empty() && faults.is_empty() {
            faults.add(AtlasError::file(&layers.counties, Reason::Empty));
        }

        let edges = edges(&counties, &townships, &zones, &mut faults);
        let mut places = Places::new(&register, &counties.codes, &townships.codes);
        let mosaic = if edges.is_empty() {
            None
        } else {
            mosaic(&edges, &counties, &townships, &zones, &mut places, &mut faults)
        };
        let left_out = faults.finish()?;
        let Some(mosaic) = mosaic else {
            let none = AtlasError::file(&layers.counties, Reason::Empty);
            return Err(AtlasErrors::from(none));
        };
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
            left_out,
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
        faults: &mut Faults,
    ) -> Self {
        let features = register.read(level, source, faults);
        if features.len() >= usize::from(u16::MAX) {
            let why = format!("{} features, {} are the most", features.len(), u16::MAX - 1);
            faults.add(AtlasError::file(source, Reason::TooMany(why)));
            return Self::none(level);
        }
        let at_level = register.all().iter().filter(|of| of.level == level);
        let codes = at_level.map(|of| of.code).collect();
        let (names, mut shapes): (_, Vec<Shape>) =
            features.into_iter().map(|feature| (feature.name, feature.shape)).unzip();
        mend::mend(&mut shapes);
        Self { file: source.file.to_owned(), names, codes, shapes, level }
    }

    /// What lies on the two sides of an edge, of this layer's.
    fn sides(&self) -> fn(&Edge) -> Sides {
        if self.level == Level::Township { |edge| edge.townships } else { |edge| edge.counties }
    }

    fn clash(&self, clash: Clash) -> AtlasError {
        let name = |number: u16| self.names[usize::from(number) - 1].clone();
        let near = written(clash.near);
        let reason = if clash.other == clash.one || clash.other == 0 {
            Reason::Ring(format!("it meets itself near {near}"))
        } else {
            Reason::Overlap { other: name(clash.other), near }
        };
        AtlasError::feature(&self.file, name(clash.one), reason)
    }

    /// Which features overlap, by edges that something is wrong with.
    fn overlapping(&self, suspects: &[Suspect]) -> Vec<Clash> {
        let boxes: Vec<[f64; 4]> = self.shapes.iter().map(Shape::bbox).collect();
        let holders = |at: Coord<f64>| {
            let all = (1_u16..).zip(&self.shapes).zip(&boxes);
            let near = all.filter(move |(_, bounds)| {
                let [west, south, east, north] = **bounds;
                (west..=east).contains(&at.x) && (south..=north).contains(&at.y)
            });
            near.filter(move |((_, shape), _)| shape.holds(at)).map(|((number, _), _)| number)
        };
        let mut clashes = Clashes::default();
        let mut without_other = None;
        for &Suspect { ends: (low, high), one } in suspects {
            let found = beside(low, high).into_iter().find_map(|at| {
                let mut here: Vec<u16> = holders(at).collect();
                here.sort_by_key(|&number| number != one);
                (here.len() > 1).then(|| (here[0], here[1]))
            });
            match found {
                Some((one, other)) => clashes.add(Clash { one, other, near: low }),
                None => {
                    without_other.get_or_insert(Clash { one, other: 0, near: low });
                }
            }
        }
        if clashes.all.is_empty() {
            clashes.all.extend(without_other);
        }
        clashes.all
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
    fn read(register: &Register, source: &Source<'_>, faults: &mut Faults) -> Self {
        let (all, shapes) = zone::read(source, register, faults);
        if all.len() > usize::from(u16::MAX) {
            let why = format!("{} zones, {} are the most", all.len(), u16::MAX);
            faults.add(AtlasError::file(source, Reason::TooMany(why)));
            return Self::default();
        }
        Self { file: source.file.to_owned(), all, shapes }
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
    faults: &mut Faults,
) -> Vec<Edge> {
    let mut edges = Edges::default();
    let clashes = edges.add_partition(&counties.shapes, |edge| &mut edge.counties);
    for clash in clashes {
        faults.add(counties.clash(clash));
    }
    let clashes = edges.add_partition(&townships.shapes, |edge| &mut edge.townships);
    for clash in clashes {
        faults.add(townships.clash(clash));
    }
    for (number, shape) in (0..).zip(&zones.shapes) {
        edges.add_zone(number, shape);
    }
    edges.finish()
}

/// Points close beside a line, on either side.
fn beside(low: Coord<f64>, high: Coord<f64>) -> Vec<Coord<f64>> {
    let (east, north) = (high.x - low.x, high.y - low.y);
    let mut points = Vec::new();
    for off in [1e-3, 1e-6] {
        for along in [0.5, 0.01, 0.99] {
            for side in [off, -off] {
                points.push(Coord {
                    x: low.x + east * along + north * side,
                    y: low.y + north * along - east * side,
                });
            }
        }
    }
    points
}

/// Lays the mosaic, and makes sure that the lines are such that it is right.
fn mosaic(
    edges: &[Edge],
    counties: &Partition,
    townships: &Partition,
    zones: &Zones,
    places: &mut Places,
    faults: &mut Faults,
) -> Option<Mosaic> {
    let grid = survey::grid_over(edges);
    let touches = survey::touches(edges, &grid);
    for layer in [counties, townships] {
        for clash in audit::crossings(edges, &touches, layer.sides()) {
            faults.add(layer.clash(clash));
        }
    }
    for (zone, near) in audit::zone_crossings(edges, &touches) {
        faults.add(zones.crosses(zone, near));
    }
    let crossed = !faults.is_empty();
    let mosaic = match survey::survey(edges, grid, &touches, places) {
        Ok(mosaic) => mosaic,
        // Lines that cross may do that.
        Err(_) if crossed => return None,
        Err(crowded) => {
            let why = format!("too many lines meet within {:?}", crowded.bounds);
            let file = counties.file.clone();
            faults.add(AtlasError { file, feature: None, reason: Reason::TooMany(why) });
            return None;
        }
    };
    for (layer, number) in [(counties, survey::county as fn(_) -> _), (townships, survey::township)]
    {
        let suspects = audit::overlaps(edges, &mosaic, layer.sides(), number);
        for clash in layer.overlapping(&suspects) {
            // Where lines cross, numbers are wrong that nothing is wrong with.
            if clash.other != 0 || !crossed {
                faults.add(layer.clash(clash));
            }
        }
    }
    Some(mosaic)
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
