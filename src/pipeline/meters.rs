//! What `/metrics` tells of the pipeline.

#![expect(clippy::cast_precision_loss, reason = "figures for graphs, far below 2^52")]

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use tokio::time::Instant;

use crate::domain::{Event, Offset};

use super::aside::Held;

/// The kinds in which events are counted.
const KINDS: [&str; 4] = ["incident", "position", "unit", "other"];

/// A batch is about to be committed.
pub fn sealed(events: usize) {
    histogram!("pilin_batch_events").record(events as f64);
}

/// A batch was committed, or refused by the store.
pub fn committed(begun: Instant) {
    histogram!("pilin_commit_seconds").record(begun.elapsed());
}

/// The engine took a batch, and then the hub told of it.
pub fn applied(events: &[Event], engine: Duration, hub: Duration) {
    let mut counts = [0_u64; KINDS.len()];
    for event in events {
        counts[match event {
            Event::Incident(_) => 0,
            Event::Position(_) => 1,
            Event::Unit(_) => 2,
            Event::Tick
            | Event::Act(_)
            | Event::Rules(_)
            | Event::Forget(_)
            | Event::EraseTexts(_) => 3,
        }] += 1;
    }
    for (kind, count) in KINDS.into_iter().zip(counts) {
        counter!("pilin_events_total", "kind" => kind).increment(count);
    }
    let step = engine.as_secs_f64() / events.len().max(1) as f64;
    histogram!("pilin_engine_step_seconds").record(step);
    histogram!("pilin_publish_seconds").record(hub);
}

/// Who waited longest for a batch's answer waited so long.
pub fn answered(waited: Duration) {
    histogram!("pilin_lag_seconds").record(waited);
}

/// So much was kept aside.
pub fn kept(items: u64) {
    counter!("pilin_spool_kept_items_total").increment(items);
}

/// So much of what was kept aside is in the store.
pub fn brought(items: u64) {
    counter!("pilin_spool_brought_items_total").increment(items);
}

/// What is kept aside.
pub fn spool(held: Held) {
    gauge!("pilin_spool_items").set(held.items as f64);
    gauge!("pilin_spool_bytes").set(held.bytes as f64);
}

/// Whether the clock, or the log's end, is doubted.
pub fn clock(doubted: bool) {
    gauge!("pilin_clock_doubted").set(if doubted { 1.0 } else { 0.0 });
}

/// The store failed.
pub fn failed() {
    counter!("pilin_store_failures_total").increment(1);
}

/// A chore behind the log is done.
pub fn chore(name: &'static str, begun: Instant) {
    histogram!("pilin_chore_seconds", "chore" => name).record(begun.elapsed());
}

/// How things stand, once a second.
pub fn standing(queued_items: usize, offset: Offset, compacted: Offset, stored_ago: Duration) {
    gauge!("pilin_stored_ago_seconds").set(stored_ago.as_secs_f64());
    gauge!("pilin_queue_items").set(queued_items as f64);
    gauge!("pilin_log_offset").set(offset.0 as f64);
    gauge!("pilin_tracks_behind_batches").set(offset.0.saturating_sub(compacted.0) as f64);
}
