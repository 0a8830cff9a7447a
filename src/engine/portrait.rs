//! An alert as its cluster shows it.

use std::cmp::Reverse;

use crate::atlas::{Atlas, Zone};
use crate::domain::alert::Side;
use crate::domain::grading::Graded;
use crate::domain::{
    Alert, AlertId, AlertState, Code, Grading, Level, LngLat, MatterCode, Members, Provenance,
    Rule, Time,
};

use super::effort;
use super::hull::Hull;
use super::tally::Tally;
use super::watch::Watch;
use super::window::Window;

/// Where the members lie, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground<'a> {
    pub window: &'a Window,
    pub atlas: &'a Atlas,
    pub grading: Grading,
}

impl<'a> Ground<'a> {
    pub const fn new(window: &'a Window, atlas: &'a Atlas, grading: Grading) -> Self {
        Self { window, atlas, grading }
    }
}

/// The border on which a cluster alarms: within reach of a core, with enough
/// members on both sides. Of several, that with the most members (then the first
/// of the atlas).
pub(super) fn alarming_border(watch: &Watch, cluster: u32, atlas: &Atlas) -> Option<u32> {
    let rule = watch.rule();
    let tally = watch.tally(cluster);
    let borders = atlas.borders(rule.level);
    tally
        .borders()
        .filter_map(|(index, _)| {
            let border = borders.get(index as usize)?;
            let sides = [border.left, border.right].map(|side| tally.sides.get(side));
            let alarms = sides.iter().all(|&members| members >= rule.min_per_side);
            alarms.then(|| (Reverse(sides[0] + sides[1]), index))
        })
        .min()
        .map(|(_, index)| index)
}

/// Has what portraits of clusters that alarm show, and takes long to find, known from
/// now on.
pub(super) fn know_alarming(watch: &mut Watch, window: &Window, atlas: &Atlas) {
    for cluster in watch.clusters() {
        if alarming_border(watch, cluster, atlas).is_some() {
            members(watch, cluster, window);
            hull(watch, cluster, window);
        }
    }
}

/// An alert that shows nothing yet.
pub(super) fn blank(watch: &Watch, cluster: u32, id: AlertId, now: Time) -> Option<Alert> {
    Some(Alert {
        id,
        rule: watch.rule().id.clone(),
        state: AlertState::Open,
        severity: watch.rule().severity,
        lifted_by: None,
        lifted_by_size: false,
        border: 0,
        sides: Vec::new(),
        members: Members::default(),
        cores: 0,
        matters: Vec::new(),
        zones: Vec::new(),
        center: watch.tally(cluster).center()?,
        hull: Vec::new(),
        border_distance_m: 0.0,
        trend: (0, 0),
        provenance: Provenance::Live,
        raised_at: now,
        alarming_since: now,
        updated_at: now,
        fading_since: None,
        ended_at: None,
        merged_into: None,
        split_from: None,
        reopened: 0,
        acknowledged: None,
        withdrawn: None,
    })
}

/// The alert `before` with what its cluster shows now; its life is as it was.
pub(super) fn portray(
    watch: &mut Watch,
    cluster: u32,
    before: &Alert,
    ground: Ground<'_>,
) -> Option<Alert> {
    let border = alarming_border(watch, cluster, ground.atlas).unwrap_or(before.border);
    let members = members(watch, cluster, ground.window);
    let hull = hull(watch, cluster, ground.window);
    let (rule, tally) = (watch.rule(), watch.tally(cluster));
    let zones = zones(tally, ground.atlas);
    let graded = graded(rule, tally, zones.first().copied(), ground.grading);
    let lifted_by = zones.first().filter(|_| graded.by_zone);
    let nearest = tally.borders().find(|(index, _)| *index == border).map(|(_, metres)| metres);
    let mut matters: Vec<(MatterCode, u32)> = tally
        .matters
        .iter()
        .map(|(matter, members)| (ground.window.matter(matter).clone(), members))
        .collect();
    matters.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Some(Alert {
        id: before.id,
        rule: before.rule.clone(),
        state: before.state,
        severity: graded.severity,
        lifted_by: lifted_by.map(|zone| zone.code.clone()),
        lifted_by_size: graded.by_size,
        border,
        sides: sides(tally, rule.level, ground.atlas),
        members,
        cores: tally.cores,
        matters,
        zones: zones.iter().map(|zone| zone.code.clone()).collect(),
        center: tally.center()?,
        hull,
        border_distance_m: nearest.unwrap_or(before.border_distance_m),
        trend: tally.trend(),
        provenance: provenance(tally),
        raised_at: before.raised_at,
        alarming_since: before.alarming_since,
        updated_at: before.updated_at,
        fading_since: before.fading_since,
        ended_at: before.ended_at,
        merged_into: before.merged_into,
        split_from: before.split_from,
        reopened: before.reopened,
        acknowledged: before.acknowledged.clone(),
        withdrawn: before.withdrawn.clone(),
    })
}

/// What lies in each jurisdiction, and mostly in which county of it.
fn sides(tally: &Tally, level: Level, atlas: &Atlas) -> Vec<Side> {
    let mut counties: Vec<_> = tally.counties.iter().collect();
    counties.sort_unstable_by_key(|&(county, members)| (Reverse(members), county));
    let place_in = |side: Code| {
        let within = |&&(county, _): &&(Code, u32)| atlas.ancestor(county, level) == Some(side);
        counties.iter().find(within).map_or(side, |&(county, _)| county)
    };
    let mut sides: Vec<Side> = tally
        .sides
        .iter()
        .map(|(side, members)| Side { jurisdiction: side, members, place: place_in(side) })
        .collect();
    sides.sort_unstable_by_key(|side| (Reverse(side.members), side.jurisdiction));
    sides
}

/// How grave a cluster is that touches a zone, the most important of its zones.
fn graded(rule: &Rule, tally: &Tally, zone: Option<&Zone>, grading: Grading) -> Graded {
    grading.grade(rule, zone.map(|zone| zone.kind), tally.members, tally.trend().0)
}

/// Brings the trend of an alert to what its cluster shows now, and its severity with
/// it. Whether the severity is another.
pub(super) fn age(alert: &mut Alert, watch: &Watch, tally: &Tally, ground: Ground<'_>) -> bool {
    alert.trend = tally.trend();
    let zone = zones(tally, ground.atlas).first().copied();
    let graded = graded(watch.rule(), tally, zone, ground.grading);
    let before = alert.severity;
    alert.severity = graded.severity;
    alert.lifted_by = zone.filter(|_| graded.by_zone).map(|zone| zone.code.clone());
    alert.lifted_by_size = graded.by_size;
    alert.severity != before
}

/// The zones touched, the most important kind first.
fn zones<'a>(tally: &Tally, atlas: &'a Atlas) -> Vec<&'a Zone> {
    let all = atlas.zones();
    let mut touched: Vec<_> =
        tally.zones.iter().filter_map(|(zone, _)| all.get(usize::from(zone))).collect();
    touched.sort_unstable_by(|a, b| b.kind.cmp(&a.kind).then_with(|| a.code.cmp(&b.code)));
    touched
}

/// What must not be taken for the field, if any is there.
fn provenance(tally: &Tally) -> Provenance {
    let there = |provenance: &Provenance| tally.provenance[*provenance as usize] > 0;
    let marked = [Provenance::Replay, Provenance::Simulated];
    marked.into_iter().find(there).unwrap_or_default()
}

/// The members' numbers, as they were kept if they were.
fn members(watch: &mut Watch, cluster: u32, window: &Window) -> Members {
    let kept = watch.tally_mut(cluster).roll.take();
    let roll = kept.unwrap_or_else(|| {
        let facts = watch.members(cluster).filter_map(|slot| window.facts(slot));
        facts.map(|facts| facts.incident.id).inspect(|_| effort::looked_at(1)).collect()
    });
    watch.tally_mut(cluster).roll = Some(roll.clone());
    roll
}

/// The members' hull, as it was kept if it was.
fn hull(watch: &mut Watch, cluster: u32, window: &Window) -> Vec<LngLat> {
    let kept = watch.tally_mut(cluster).hull.take();
    let hull = kept.unwrap_or_else(|| {
        let facts = watch.members(cluster).filter_map(|slot| window.facts(slot));
        Hull::of(facts.map(|facts| facts.grain()).collect())
    });
    let corners = hull.degrees();
    watch.tally_mut(cluster).hull = Some(hull);
    corners
}
