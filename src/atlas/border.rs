//! Borders, derived from the edges that two jurisdictions of a level share.

use std::collections::BTreeMap;

use geo::Coord;
use rustc_hash::FxHashMap;

use super::edge::{Edge, Sides};
use super::ground::Ecef;
use super::jurisdiction::Register;
use crate::domain::{Code, Level, LngLat};

/// The line that two jurisdictions of one level share.
#[derive(Clone, Debug, PartialEq)]
pub struct Border {
    /// `left-right`, by their codes.
    pub code: String,
    /// The jurisdiction on the left of its lines; its code is the smaller.
    pub left: Code,
    /// The jurisdiction on the right of its lines.
    pub right: Code,
    /// Name in the region's own language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Length of all its lines on the ground, metres.
    pub length_m: f64,
    /// Its lines, each with `left` on the left.
    pub lines: Vec<Vec<LngLat>>,
}

/// A straight piece of a border, from and to.
type Piece = (Coord<f64>, Coord<f64>);

/// The borders of a level, by the codes of their sides.
///
/// `codes` are the jurisdictions that the numbers of `sides` mean, from 1.
pub(super) fn derive(
    edges: &[Edge],
    sides: fn(&Edge) -> Sides,
    codes: &[Code],
    level: Level,
    register: &Register,
) -> Vec<Border> {
    let above: Vec<Option<Code>> = std::iter::once(None)
        .chain(codes.iter().map(|&code| register.ancestor(code, level)))
        .collect();
    let mut pieces: BTreeMap<(Code, Code), Vec<Piece>> = BTreeMap::new();
    for edge in edges {
        let Sides { left, right } = sides(edge);
        let (Some(left), Some(right)) = (above[usize::from(left)], above[usize::from(right)])
        else {
            continue;
        };
        if left < right {
            pieces.entry((left, right)).or_default().push((edge.a, edge.b));
        } else if right < left {
            pieces.entry((right, left)).or_default().push((edge.b, edge.a));
        }
    }
    pieces
        .into_iter()
        .map(|((left, right), pieces)| border(left, right, pieces, register))
        .collect()
}

fn border(left: Code, right: Code, pieces: Vec<Piece>, register: &Register) -> Border {
    let name = |code| register.get(code).map_or(("", ""), |of| (&of.name, &of.name_en));
    let lines = chain(pieces);
    let length_m = lines.iter().map(|line| length_m(line)).sum();
    Border {
        code: format!("{left}-{right}"),
        left,
        right,
        name: format!("{}—{}", name(left).0, name(right).0),
        name_en: format!("{} – {}", name(left).1, name(right).1),
        length_m,
        lines,
    }
}

/// Joins directed pieces end to start, as far as there is one way to go on.
fn chain(mut pieces: Vec<Piece>) -> Vec<Vec<LngLat>> {
    pieces.sort_unstable_by(|p, q| {
        let key = |p: &Piece| [p.0.x, p.0.y, p.1.x, p.1.y];
        key(p).partial_cmp(&key(q)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let key = |at: Coord<f64>| [at.x.to_bits(), at.y.to_bits()];
    let (mut starts, mut ends) = (FxHashMap::default(), FxHashMap::<_, usize>::default());
    for (number, piece) in pieces.iter().enumerate() {
        starts.entry(key(piece.0)).or_insert_with(Vec::new).push(number);
        *ends.entry(key(piece.1)).or_default() += 1;
    }
    let goes_through = |at| starts.get(&at).map(Vec::len) == Some(1) && ends.get(&at) == Some(&1);

    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    // First the lines that begin somewhere, then what is left: closed rings.
    for rings in [false, true] {
        for first in 0..pieces.len() {
            if used[first] || (!rings && goes_through(key(pieces[first].0))) {
                continue;
            }
            let mut line = vec![pieces[first].0];
            let mut next = first;
            loop {
                used[next] = true;
                let end = pieces[next].1;
                line.push(end);
                if !goes_through(key(end)) || used[starts[&key(end)][0]] {
                    break;
                }
                next = starts[&key(end)][0];
            }
            lines.push(line.into_iter().filter_map(place).collect());
        }
    }
    lines
}

fn place(at: Coord<f64>) -> Option<LngLat> {
    LngLat::new(at.x, at.y).ok()
}

pub(super) fn length_m(line: &[LngLat]) -> f64 {
    let ground: Vec<Ecef> = line.iter().map(|&point| point.into()).collect();
    ground.windows(2).map(|ends| ends[0].distance2(ends[1]).sqrt()).sum()
}
