//! Bodies of the doors in. What a reader accepts keeps the bounds that all
//! behind the door rely on.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pilin::domain::{LngLat, Time, UnitId};
use pilin::ingest::Format;
use pilin::ingest::format::split;
use pilin::ingest::incident::incident;
use pilin::ingest::position::position;
use pilin::ingest::unit::unit;
use pilin::region::Region;

const MOST: usize = 50;
const FORMATS: [Format; 3] = [Format::Json, Format::Ndjson, Format::Unsaid];

static REGION: LazyLock<Region> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/boston");
    Region::read(&folder).expect("data/boston is a region")
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let format = FORMATS[usize::from(choice / 3) % FORMATS.len()];
    let Ok(items) = split(body, format, MOST) else { return };
    assert!(items.len() <= MOST);
    let now: Time = Time::from_ms(1_772_000_000_000);
    for item in items {
        match choice % 3 {
            0 => {
                if let Ok(read) = incident(item, &REGION.catalogue, now) {
                    bounded(read.point, read.occurred_at, now);
                    assert!((1..=4).contains(&read.severity.grade()));
                    assert!(!read.source.is_empty() && !read.external_id.is_empty());
                    assert!(read.description.chars().count() <= 4_000);
                    assert!(!read.external_id.contains('\0') && !read.description.contains('\0'));
                }
            }
            1 => {
                let known = |code: &str| (!code.is_empty()).then_some(UnitId(7));
                if let Ok(read) = position(item, known, now) {
                    bounded(read.point, read.at, now);
                    for measured in [read.speed_mps, read.course_deg, read.accuracy_m] {
                        assert!(measured.is_none_or(|value| value.is_finite() && value >= 0.0));
                    }
                }
            }
            _ => {
                if let Ok(read) = unit(item, &REGION.atlas, |_| false) {
                    assert!((1..=64).contains(&read.code.chars().count()));
                    assert!((1..=100).contains(&read.name.chars().count()));
                }
            }
        }
    }
});

fn bounded(point: LngLat, at: Time, now: Time) {
    assert!(point.lng().abs() <= 180.0 && point.lat().abs() <= 90.0);
    assert!(at.ms() >= 946_684_800_000 && at.ms() <= now.ms() + 300_000);
}
