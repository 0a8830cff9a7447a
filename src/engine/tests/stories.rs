//! The life of an alert.

use super::*;
use AlertStep::{Acknowledged, Cleared, Faded, Merged, Raised, Recovered, Reopened, Updated};

const A: AlertId = AlertId(1);
const B: AlertId = AlertId(2);

#[test]
fn a_spree_on_both_sides_raises_an_alert_that_says_why() {
    let mut told = Told::under(&[dumping()]);
    assert_eq!(told.dump_all(&SPREE, start()), [(Raised, A)]);
    let alert = told.alert(1);
    assert_eq!(alert.state, AlertState::Open);
    let sides: Vec<_> = alert.sides.iter().map(|side| (side.jurisdiction, side.members)).collect();
    assert_eq!(sides, [(code(WEST), 3), (code(EAST), 2)]);
    assert_eq!(alert.members, (1..=5).map(IncidentId).collect::<Members>());
    assert_eq!(alert.cores, 5);
    assert_eq!(alert.trend, (5, 0));
    assert_eq!(alert.raised_at, start() + 4 * MINUTE);
    let land = land();
    let border = &land.borders(Level::Province)[alert.border as usize];
    assert_eq!((border.left, border.right), (code(WEST), code(EAST)));
    assert!((90.0..110.0).contains(&alert.border_distance_m), "{}", alert.border_distance_m);
    assert_eq!(alert.hull.len(), 5);
    assert!((alert.center.lng() - 121.0).abs() < 0.001);
}

#[test]
fn each_side_says_in_which_county_most_of_it_lies() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let places =
        |told: &Told| told.alert(1).sides.iter().map(|side| side.place).collect::<Vec<_>>();
    assert_eq!(places(&told), [code(WEST + 102), code(EAST + 101)]);
    // Two more in the other county of the west.
    told.dump_all(&[(-1.0, -2.0), (-2.0, -1.0)], start() + HOUR);
    assert_eq!(places(&told), [code(WEST + 101), code(EAST + 101)]);
}

#[test]
fn a_dense_cluster_on_one_side_raises_no_alert() {
    let mut told = Told::under(&[dumping()]);
    let decoy: Vec<_> = (0..30).map(|n| (-1.0 - f64::from(n % 5), f64::from(n / 5))).collect();
    assert_eq!(told.dump_all(&decoy, start()), []);
    // One on the other side is not enough, two are.
    assert_eq!(told.dump(1.0, 0.0, start() + HOUR), []);
    assert_eq!(told.dump(1.0, 1.0, start() + HOUR), [(Raised, A)]);
}

#[test]
fn a_cluster_far_from_the_border_raises_no_alert_until_it_comes_near() {
    let mut rule = dumping();
    rule.border_distance_m = 200.0;
    let mut told = Told::under(&[rule]);
    let apart = [(-2.2, 0.0), (-2.2, 1.0), (-2.2, 2.0), (2.2, 0.0), (2.2, 1.0)];
    assert_eq!(told.dump_all(&apart, start()), []);
    assert!(told.engine.clusters(&dumping().id).unwrap().iter().all(|of| of.core));
    assert_eq!(told.dump(0.0, 1.0, start() + HOUR), [(Raised, A)]);
}

#[test]
fn matters_that_the_rule_does_not_watch_do_not_count() {
    let mut told = Told::under(&[dumping()]);
    for (id, &(east, north)) in (1..).zip(&SPREE) {
        let other = incident(id, "vending", spot(east, north), start());
        assert_eq!(steps(&told.event(Event::Incident(other), start())), []);
    }
}

#[test]
fn growth_updates_and_departure_fades() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(told.dump(3.0, 1.0, start() + HOUR), [(Updated, A)]);
    assert_eq!(told.alert(1).members.len(), 6);
    // The first leaves after 72 h, the second a minute later.
    assert_eq!(told.until(start() + 72 * HOUR), [(Updated, A)]);
    assert_eq!(told.alert(1).trend, (0, 0));
    assert_eq!(told.until(start() + 72 * HOUR + MINUTE), [(Faded, A)]);
    let alert = told.alert(1);
    assert_eq!(alert.state, AlertState::Fading);
    assert_eq!(alert.fading_since, Some(start() + 72 * HOUR + MINUTE));
    // The cluster is no more, so the alert shows what was last seen.
    assert_eq!(alert.members.len(), 5);
}

#[test]
fn it_clears_only_after_the_hold_and_recovers_before() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let faded = start() + 72 * HOUR;
    assert_eq!(told.until(faded), [(Faded, A)]);
    let back = faded + 5 * HOUR;
    assert_eq!(told.until(back), []);
    assert_eq!(told.dump_all(&SPREE, back), [(Recovered, A)]);
    assert_eq!(told.alert(1).fading_since, None);

    let faded = back + 72 * HOUR;
    assert_eq!(told.until(faded), [(Faded, A)]);
    assert_eq!(told.engine.next_due(), Some(faded + MINUTE));
    assert_eq!(told.until(faded + 6 * HOUR - 1), []);
    assert_eq!(told.until(faded + 6 * HOUR), [(Cleared, A)]);
    assert_eq!(told.alert(1).ended_at, Some(faded + 6 * HOUR));
    assert_eq!(told.engine.next_due(), None);
}

#[test]
fn every_due_moment_happens_at_its_own_time_however_late_it_is_asked() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(told.until(start() + 90 * HOUR), [(Faded, A), (Cleared, A)]);
    assert_eq!(told.alert(1).ended_at, Some(start() + 78 * HOUR));
}

#[test]
fn what_rises_again_within_the_cooldown_reopens_the_old_alert() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    told.acknowledge(start() + HOUR);
    let cleared = start() + 78 * HOUR;
    told.until(cleared);
    assert_eq!(told.state(1), AlertState::Cleared);
    let places = north_by(3.0);
    assert_eq!(told.dump_all(&places, cleared + 23 * HOUR), [(Reopened, A)]);
    let alert = told.alert(1);
    assert_eq!((alert.state, alert.reopened), (AlertState::Open, 1));
    assert_eq!((alert.ended_at, &alert.acknowledged), (None, &None));
    assert_eq!(alert.raised_at, start() + 4 * MINUTE);
    assert_eq!(alert.alarming_since, cleared + 23 * HOUR + 4 * MINUTE);
}

#[test]
fn after_the_cooldown_or_elsewhere_it_is_a_new_alert() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let cleared = start() + 78 * HOUR;
    told.until(cleared);
    assert_eq!(told.dump_all(&north_by(100.0), cleared + HOUR), [(Raised, B)]);
    assert_eq!(told.dump_all(&SPREE, cleared + 24 * HOUR), [(Raised, AlertId(3))]);
}

#[test]
fn an_ended_alert_is_forgotten_after_a_day() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    told.until(start() + 101 * HOUR);
    assert_eq!(told.engine.alerts().count(), 1);
    told.until(start() + 102 * HOUR);
    assert_eq!(told.engine.alerts().count(), 0);
}

#[test]
fn somebody_answers_for_an_alert_once() {
    let mut told = Told::under(&[dumping()]);
    assert_eq!(told.acknowledge(start()), []);
    told.dump_all(&SPREE, start());
    let at = start() + HOUR;
    assert_eq!(told.acknowledge(at), [(Acknowledged, A)]);
    assert_eq!(told.acknowledge(at + HOUR), []);
    let answers = told.alert(1).acknowledged.clone().unwrap();
    assert_eq!((answers.by.as_str(), answers.at), ("沈", at));
    told.dump(0.0, 0.0, at + HOUR);
    assert!(told.alert(1).acknowledged.is_some());
}

/// Two sprees a kilometre and a half apart.
fn two(told: &mut Told) {
    assert_eq!(told.dump_all(&SPREE, start()), [(Raised, A)]);
    assert_eq!(told.dump_all(&north_by(15.0), start() + HOUR), [(Raised, B)]);
}

#[test]
fn a_merge_keeps_the_oldest() {
    let mut told = Told::under(&[Rule { min_points: 3, ..dumping() }]);
    two(&mut told);
    let steps = told.dump_all(&STONES, start() + 2 * HOUR);
    assert_eq!(steps.last(), Some(&(Merged, B)), "{steps:?}");
    assert_eq!(steps[steps.len() - 2], (Updated, A));
    let (kept, gone) = (told.alert(1), told.alert(2));
    assert_eq!(kept.members.len(), 13);
    assert_eq!((gone.state, gone.merged_into), (AlertState::Merged, Some(A)));
    assert_eq!(gone.ended_at, Some(start() + 2 * HOUR + 2 * MINUTE));
}

#[test]
fn a_late_report_counts_by_when_it_occurred() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE[..4], start());
    let mut late = incident(9, "dumping", spot(2.0, 1.0), start() - 71 * HOUR);
    let at = start() + HOUR;
    assert!(steps(&told.event(Event::Incident(late.clone()), at)).is_empty());
    late.id = IncidentId(10);
    late.occurred_at = start() - 70 * HOUR;
    assert_eq!(steps(&told.event(Event::Incident(late), at)), [(Raised, A)]);
    assert_eq!(told.until(start() + 2 * HOUR), [(Faded, A)]);
}

#[test]
fn what_is_too_old_to_be_remembered_changes_nothing() {
    let mut told = Told::under(&[dumping()]);
    let old = incident(1, "dumping", spot(0.0, 0.0), start() - 72 * HOUR);
    assert_eq!(told.event(Event::Incident(old), start()), []);
    assert_eq!(told.engine.incidents().count(), 0);
}

#[test]
fn a_pilot_area_lifts_the_severity_and_a_border_area_does_not() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(told.alert(1).severity.grade(), 1);
    told.dump_all(&north_by(300.0), start());
    assert_eq!(
        (told.alert(2).severity.grade(), &told.alert(2).zones),
        (1, &vec!["wide".to_owned()])
    );
    told.dump_all(&north_by(222.0), start());
    assert_eq!(told.alert(3).severity.grade(), 2);
    assert_eq!(told.alert(3).zones, ["pilot", "wide"]);
    let lifted_by = |id| told.alert(id).lifted_by.as_deref();
    assert_eq!([1, 2, 3].map(lifted_by), [None, None, Some("pilot")]);
}

#[test]
fn what_is_as_grave_as_can_be_is_not_lifted() {
    let mut told = Told::under(&[Rule { severity: Severity::MAJOR, ..dumping() }]);
    told.dump_all(&north_by(222.0), start());
    assert_eq!((told.alert(1).severity, &told.alert(1).lifted_by), (Severity::MAJOR, &None));
}

#[test]
fn one_simulated_member_marks_the_alert() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(told.alert(1).provenance, Provenance::Live);
    let mut made_up = incident(77, "dumping", spot(0.0, 0.0), start());
    made_up.provenance = Provenance::Simulated;
    told.event(Event::Incident(made_up), start());
    assert_eq!(told.alert(1).provenance, Provenance::Simulated);
}
