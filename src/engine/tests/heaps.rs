//! Many reports at one place: what they cost grows as they do, not as its square.

use super::*;
use crate::engine::effort;

/// Where the nth report lies, in hundreds of metres.
type Places = fn(u64) -> (f64, f64);

/// Fractions that spread evenly and repeat nowhere.
fn spread(n: u64) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let n = n as f64;
    ((n * 0.618_033_988_749_894_9).fract(), (n * 0.754_877_666_246_692_7).fract())
}

const INLAND: Places = |_| (-400.0, 0.0);
const OVER_THE_BORDER: Places = |n| (if n % 2 == 0 { -0.3 } else { 0.3 }, 0.0);
const SCATTERED: Places = |n| {
    let (east, north) = spread(n);
    (east - 0.5, north)
};
/// Two clouds with hardly any two of both within reach of one another.
const JUST_IN_REACH: Places = |n| {
    let (east, north) = spread(n);
    (east * 0.1 + if n % 2 == 0 { -2.56 } else { 2.46 }, north * 0.1)
};
const JUST_OUT_OF_REACH: Places = |n| {
    let (east, north) = spread(n);
    (east * 0.1 + if n % 2 == 0 { -2.62 } else { 2.52 }, north * 0.1)
};
/// Between two heaps a bridge comes and, being old, soon goes.
const BRIDGED: Places = |n| (if n % 2 == 0 { -4.0 } else { 4.0 }, 0.0);

/// What so many reports cost, each a second after the other, and what it costs that
/// all leave one after another.
fn cost(many: u64, places: Places) -> (u64, u64) {
    let mut told = Told::under(&[dumping()]);
    let before = effort::so_far();
    for n in 0..many {
        let (east, north) = places(n);
        told.dump(east, north, start() + i64::try_from(n).unwrap() * 1_000);
    }
    let come = effort::so_far();
    assert_eq!(told.engine.incidents().count() as u64, many);
    told.until(start() + 200 * HOUR);
    assert_eq!(told.engine.clusters(&RuleId("dumping".into())).unwrap().len(), 0);
    (come - before, effort::so_far() - come)
}

#[test]
fn a_place_with_many_reports_costs_no_square() {
    for (what, places) in [
        ("inland", INLAND),
        ("over the border", OVER_THE_BORDER),
        ("scattered over it", SCATTERED),
        ("just in reach", JUST_IN_REACH),
        ("just out of reach", JUST_OUT_OF_REACH),
        ("two heaps apart", BRIDGED),
    ] {
        let ((come, go), (come_4, go_4)) = (cost(2_000, places), cost(8_000, places));
        // Four times as many, and a logarithm more; a square would be sixteen times.
        assert!(come_4 < 7 * come, "{what}: {come} for them to come, then {come_4}");
        assert!(go_4 < 7 * go, "{what}: {go} for them to go, then {go_4}");
    }
}

#[test]
fn a_report_beside_a_heap_does_not_look_through_it() {
    let beside = |many: u64| {
        let mut told = Told::under(&[dumping()]);
        for n in 0..many {
            let (east, north) = SCATTERED(n);
            told.dump(east - 400.0, north, start());
        }
        // They belong to the heap as others than cores, or are bridges that soon go.
        let before = effort::so_far();
        for n in 0..100 {
            let at = start() + n * MINUTE;
            told.dump(-394.7, 0.5, at);
            told.dump(-405.3, 0.5, at - 72 * HOUR + 30_000);
        }
        effort::so_far() - before
    };
    let (few, many) = (beside(1_000), beside(8_000));
    assert!(many < 3 * few, "beside 1,000 {few}, beside 8,000 {many}");
}

#[test]
fn a_heap_that_hangs_on_to_a_chain_is_not_counted_anew_when_it_breaks() {
    let broken = |many: u64| {
        let mut told = Told::under(&[Rule { min_points: 1, ..dumping() }]);
        for n in 0..many {
            let (east, north) = SCATTERED(n);
            told.dump(east - 400.0, north, start());
        }
        for stone in 2..30 {
            told.dump(-400.0, f64::from(stone) * 4.5, start());
        }
        let before = effort::so_far();
        for n in 1..50 {
            // A bridge that goes half a minute later.
            let at = start() + n * MINUTE;
            told.dump(-400.0, 4.5, at - 72 * HOUR + 30_000);
            told.until(at + 40_000);
        }
        effort::so_far() - before
    };
    let (few, many) = (broken(1_000), broken(8_000));
    assert!(many < 2 * few, "a heap of 1,000 {few}, of 8,000 {many}");
}

#[test]
fn the_portraits_of_an_alert_share_its_members() {
    let mut told = Told::under(&[dumping()]);
    let (mut sizes, mut before) = (0, Members::default());
    for n in 0..3_000 {
        let (east, north) = OVER_THE_BORDER(n);
        let incident = incident(n, "dumping", spot(east, north), start());
        for change in told.event(Event::Incident(incident), start()) {
            if let Change::Alert { alert, .. } = change {
                sizes += alert.members.apart_from(&before);
                before = alert.members.clone();
            }
        }
    }
    assert_eq!(before.len(), 3_000);
    // Each of its own would be four and a half millions.
    assert!(sizes < 3_000 * 600, "{sizes} numbers kept");
}
