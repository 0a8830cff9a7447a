//! Density clusters that follow every arrival and departure.
//!
//! At every moment the clusters are those of batch DBSCAN over the points that
//! are there: a point with at least `min_points` points (itself included) within
//! `eps_m` is core; connected cores are one cluster; any other point within reach
//! of a core belongs to its nearest one's cluster, the oldest (by [`Age`]) among
//! equally near ones.
//!
//! The cost of a step follows the neighbourhood, not the window (after Gan and
//! Tao, SIGMOD 2017, but exact):
//!
//! - Points lie in cubes so small that two of one cube are always within reach.
//!   A cube with `min_points` points is *dense*: all of them are core, nothing is
//!   counted there. Only points of sparse cubes carry a count of their neighbours.
//! - A cube with many points finds who is near among them by its eighths ([`crowd`]),
//!   so that a hundred thousand points at one place cost little more than ten.
//! - All cores of a cube are connected, so clusters are the connected parts of a
//!   graph of cubes. A link between two cubes is held by one *witness*: a pair of
//!   cores within reach. Only the loss of a witness needs a search for another.
//! - When links are lost, the cubes that lost one search outwards in turns until
//!   they meet ([`parts`]): in a compact cluster after a few steps; where it
//!   breaks, after as many as the smaller part has cubes.

mod anchor;
mod crowd;
mod grid;
mod insert;
mod links;
mod parts;
mod remove;
mod settle;
#[cfg(test)]
mod tests;

use crate::domain::{IncidentId, Time};

use super::slab::Slab;
use grid::Grid;

/// No point, no cell, no cluster.
const NONE: u32 = u32::MAX;

/// What makes one point older than another: when it occurred, then its number.
pub(super) type Age = (Time, IncidentId);

/// A point that is there.
#[derive(Clone, Copy, Debug)]
struct Point {
    /// Its cell, and its place in it.
    cell: u32,
    at: u32,
    /// Its nearest core, unless it is core itself or none is in reach.
    anchor: u32,
    /// The cluster it is counted in, its place among the members, and whether it
    /// is counted as a core.
    cluster: u32,
    seat: u32,
    core: bool,
    /// The owner's number for it.
    tag: u32,
    age: Age,
}

impl Default for Point {
    fn default() -> Self {
        let age = (Time::default(), IncidentId(0));
        Self { cell: NONE, at: 0, anchor: NONE, cluster: NONE, seat: 0, core: false, tag: 0, age }
    }
}

/// What is connected: the cells with its cores, and the points counted in it.
#[derive(Clone, Debug, Default)]
struct Cluster {
    cells: Vec<u32>,
    members: Vec<u32>,
}

/// What a step did to the clusters, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// A point is counted elsewhere or otherwise.
    Member { point: u32, tag: u32, from: Option<u32>, to: Option<u32>, was_core: bool, core: bool },
    /// The members of `from` have all gone to `into`; `from` is no more.
    Merged { from: u32, into: u32 },
    /// A part of `from` is from now on the cluster `part`; its members follow.
    Split { from: u32, part: u32 },
}

/// The clusters of the points that are there.
#[derive(Debug)]
pub(super) struct Density {
    min_points: usize,
    eps2: f64,
    grid: Grid,
    points: Slab<Point>,
    clusters: Slab<Cluster>,
    /// Clusters that fell apart, whose numbers go to no other until
    /// [`Density::release`].
    gone: Vec<u32>,
    /// Points that may be counted wrongly, during a step.
    dirty: Vec<u32>,
    /// Points that become core, or no longer are, during a step.
    turning: Vec<u32>,
    /// The number of the last mark a search set on a cell.
    marked: u64,
}

impl Density {
    /// No points yet. `eps_m` is at least 1 and `min_points` above zero.
    pub(super) fn new(eps_m: f64, min_points: u32) -> Self {
        Self {
            min_points: min_points as usize,
            eps2: eps_m * eps_m,
            grid: Grid::new(eps_m),
            points: Slab::default(),
            clusters: Slab::default(),
            gone: Vec::new(),
            dirty: Vec::new(),
            turning: Vec::new(),
            marked: 0,
        }
    }

    /// The cluster a point belongs to, and whether it is core.
    pub(super) fn label(&self, point: u32) -> (Option<u32>, bool) {
        let point = &self.points[point];
        (some(point.cluster), point.core)
    }

    /// The members of a cluster, in no order.
    pub(super) fn members(&self, cluster: u32) -> &[u32] {
        &self.clusters[cluster].members
    }

    /// Lets the numbers of clusters that fell apart go to others: whoever follows
    /// the shifts knows of all so far. Until then a number in a [`Shift::Split`]
    /// is of one cluster alone.
    pub(super) fn release(&mut self) {
        for cluster in self.gone.drain(..) {
            self.clusters.take(cluster);
        }
    }

    /// The owner's number for a point.
    pub(super) fn tag(&self, point: u32) -> u32 {
        self.points[point].tag
    }

    /// The age of the oldest core of a cluster.
    pub(super) fn oldest_core(&self, cluster: u32) -> Option<Age> {
        let members = self.clusters[cluster].members.iter().map(|&point| &self.points[point]);
        members.filter(|point| point.core).map(|point| point.age).min()
    }
}

/// The number, unless it is none.
const fn some(number: u32) -> Option<u32> {
    if number == NONE { None } else { Some(number) }
}
