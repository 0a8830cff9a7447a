//! From the log's batches to fixes by unit and time.

use std::collections::BTreeSet;

use crate::domain::{Batch, Event, Offset, Position, Time, UnitId};

use super::StoreError;
use super::codec::encoded;

/// Milliseconds an hour.
pub const HOUR_MS: i64 = 3_600_000;

/// The hour of a time, counted from 1970.
pub const fn hour(at: Time) -> i64 {
    at.ms().div_euclid(HOUR_MS)
}

/// A row of tracks: one unit's fixes of one hour, encoded.
#[derive(Debug)]
pub struct Block {
    pub unit: UnitId,
    pub hour: i64,
    pub fixes: Vec<u8>,
}

/// Events of the log read at once for what is not in tracks yet.
pub const TAIL_EVENTS: usize = 100_000;

/// The rows of tracks that some batches come to, in the order of their index, so
/// that neighbours are written together.
pub fn blocks(batches: Vec<(Offset, Batch)>) -> Result<Vec<Block>, StoreError> {
    let of = |fix: &Position| (fix.unit, hour(fix.at));
    let all = sorted(batches);
    let blocks = all.chunk_by(|a, b| of(a) == of(b));
    blocks
        .map(|block| {
            let (unit, hour) = of(&block[0]);
            Ok(Block { unit, hour, fixes: encoded("a track", block)? })
        })
        .collect()
}

/// The rows of tracks in which these fixes would be.
pub fn places(fixes: &[(UnitId, Time)]) -> Vec<(UnitId, i64)> {
    let places: BTreeSet<_> = fixes.iter().map(|&(unit, at)| (unit, hour(at))).collect();
    places.into_iter().collect()
}

/// The names of the fixes of some batches.
pub fn names(batches: &[(Offset, Batch)]) -> impl Iterator<Item = (UnitId, Time)> {
    batches.iter().flat_map(|(_, batch)| &batch.events).filter_map(|event| match event {
        Event::Position(fix) => Some((fix.unit, fix.at)),
        _ => None,
    })
}

/// The fixes of some batches, by unit and then time, each once.
fn sorted(batches: Vec<(Offset, Batch)>) -> Vec<Position> {
    let mut fixes: Vec<_> = all(batches).collect();
    fixes.sort_by_key(|fix| (fix.unit, fix.at));
    fixes.dedup_by_key(|fix| (fix.unit, fix.at));
    fixes
}

/// One unit's fixes among some batches.
pub fn of_unit(batches: Vec<(Offset, Batch)>, unit: UnitId) -> impl Iterator<Item = Position> {
    all(batches).filter(move |fix| fix.unit == unit)
}

/// A unit's fixes from `from` to before `to`, oldest first, each once, at most
/// `most`; what was found of them comes in any order, and some of it twice.
pub fn within(mut fixes: Vec<Position>, from: Time, to: Time, most: usize) -> Vec<Position> {
    fixes.retain(|fix| fix.at >= from && fix.at < to);
    fixes.sort_by_key(|fix| fix.at);
    fixes.dedup_by_key(|fix| fix.at);
    fixes.truncate(most);
    fixes
}

fn all(batches: Vec<(Offset, Batch)>) -> impl Iterator<Item = Position> {
    batches.into_iter().flat_map(|(_, batch)| batch.events).filter_map(|event| match event {
        Event::Position(fix) => Some(fix),
        _ => None,
    })
}
