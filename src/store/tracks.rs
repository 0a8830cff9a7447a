//! From the log's batches to fixes by unit and time.

use crate::domain::{Batch, Event, Offset, Position, Time, UnitId};

/// Events of the log read at once for what is not in tracks yet.
pub const TAIL_EVENTS: usize = 100_000;

/// The fixes of some batches, by unit and then time, each once.
pub fn sorted(batches: Vec<(Offset, Batch)>) -> Vec<Position> {
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
