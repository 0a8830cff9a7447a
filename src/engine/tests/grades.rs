//! What lifts an alert above the severity of its rule.

use super::*;

/// As many reports round the place of a spree, `north` hundred metres from it.
fn heap(told: &mut Told, north: f64, many: usize, at: Time) {
    for _ in 0..many.div_ceil(SPREE.len()) {
        told.dump_all(&north_by(north), at);
    }
}

fn grade(told: &Told, id: u64) -> u8 {
    told.alert(id).severity.grade()
}

/// How far north the pilot area is.
const PILOT: f64 = 222.0;

#[test]
fn a_large_heap_is_lifted_by_one_and_says_so() {
    let mut told = Told::under(&[dumping()]);
    heap(&mut told, 0.0, 10, start());
    assert_eq!((grade(&told, 1), told.alert(1).lifted_by_size), (1, false));
    heap(&mut told, 0.0, 5, start() + HOUR);
    assert_eq!((grade(&told, 1), told.alert(1).lifted_by_size), (2, true));
    heap(&mut told, PILOT, 15, start() + HOUR);
    assert_eq!((grade(&told, 2), told.alert(2).lifted_by.as_deref()), (3, Some("pilot")));
    assert!(told.alert(2).lifted_by_size);
}

#[test]
fn an_alert_without_a_report_of_the_last_day_has_the_severity_of_its_rule() {
    let mut told = Told::under(&[dumping()]);
    heap(&mut told, PILOT, 15, start());
    assert_eq!(grade(&told, 1), 3);
    let steps = told.until(start() + 25 * HOUR);
    assert_eq!(steps, [(AlertStep::Updated, AlertId(1))], "a history tells it");
    let alert = told.alert(1).clone();
    assert_eq!((alert.severity.grade(), alert.lifted_by, alert.lifted_by_size), (1, None, false));
    assert_eq!(alert.state, AlertState::Open);
    told.dump(0.0, PILOT, start() + 26 * HOUR);
    assert_eq!(grade(&told, 1), 3, "something happens again");
}

#[test]
fn what_lifts_is_set_and_a_restart_keeps_it() {
    let grading = Grading { pilot_startup_area: 0, large: 2, ..Grading::default() };
    let mut told = Told::under(&[dumping()]);
    told.engine = Engine::new(land(), set(&[dumping()])).with_grading(grading);
    heap(&mut told, PILOT, 5, start());
    assert_eq!(grade(&told, 1), 1);
    let bytes = told.engine.checkpoint();
    told.engine = Engine::restore(land(), &bytes).unwrap().with_grading(grading);
    heap(&mut told, PILOT, 5, start() + HOUR);
    assert_eq!((grade(&told, 1), told.alert(1).lifted_by_size), (2, true));
}
