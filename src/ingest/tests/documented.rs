//! What docs/ingest.md shows is taken, and its limits are those that hold.

use std::path::Path;

use serde_json::Value;

use super::{catalogue, now};
use crate::config::Limits;
use crate::domain::UnitId;
use crate::ingest::format::{Format, split};
use crate::ingest::incident::incident;
use crate::ingest::position::position;
use crate::ingest::unit::unit;
use crate::region::Region;

const PAGE: &str = include_str!("../../../docs/ingest.md");

/// The blocks of the page that are marked with a word.
fn blocks(mark: &str) -> Vec<&'static str> {
    let fence = format!("```json {mark}\n");
    let blocks = PAGE.split(fence.as_str()).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect()
}

fn items(mark: &str) -> Vec<&'static [u8]> {
    let blocks = blocks(mark);
    assert!(!blocks.is_empty(), "{mark}");
    blocks
        .into_iter()
        .flat_map(|block| split(block.as_bytes(), Format::Unsaid, 100).unwrap())
        .collect()
}

#[test]
fn every_item_shown_is_taken() {
    for text in items("incidents") {
        incident(text, &catalogue(), now()).unwrap();
    }
    for text in items("positions") {
        position(text, |code| Some(UnitId(u32::try_from(code.len()).unwrap())), now()).unwrap();
    }
    let delta = Region::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap();
    for text in items("units") {
        unit(text, &delta.atlas, |_| false).unwrap();
    }
}

#[test]
fn every_answer_shown_is_json() {
    for block in blocks("answer") {
        for line in block.lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
    }
}

#[test]
fn the_limits_shown_hold() {
    let limits = Limits::default();
    for (key, value) in [
        ("body_bytes", limits.body_bytes),
        ("batch_items", limits.batch_items),
        ("items_per_second", limits.items_per_second as usize),
        ("message_bytes", limits.message_bytes),
        ("ingest_sockets", limits.ingest_sockets),
    ] {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap();
        assert!(row.contains(&format!("| {value} |")), "{row}");
    }
}
