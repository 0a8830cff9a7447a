//! Clusters that break, and the alerts of the parts.

use super::*;
use AlertStep::{Acknowledged, Faded, Raised, Reopened, Split, Updated, Withdrawn};

const A: AlertId = AlertId(1);
const B: AlertId = AlertId(2);

/// The other alerts that each step names.
fn others(changes: &[Change]) -> Vec<Vec<AlertId>> {
    let others = |change: &Change| match change {
        Change::Alert { step, others, .. } if *step != AlertStep::Aged => Some(others.clone()),
        _ => None,
    };
    changes.iter().filter_map(others).collect()
}

/// Nothing lifts a large alert, so that it does not change as its reports grow old.
fn unlifted(rule: Rule) -> Told {
    let rules = [rule];
    let mut told = Told::under(&rules);
    let grading = Grading { large: 0, ..Grading::default() };
    told.engine = Engine::new(land(), set(&rules)).with_grading(grading);
    told
}

fn under_three() -> Told {
    unlifted(Rule { min_points: 3, ..dumping() })
}

/// Two sprees held together by stones, which leave first: the larger in the north.
fn chain(told: &mut Told) {
    told.dump_all(&STONES, start());
    told.dump_all(&SPREE, start() + HOUR);
    told.dump_all(&north_by(15.0), start() + 2 * HOUR);
    told.dump(1.0, 15.0, start() + 3 * HOUR);
    assert_eq!((told.state(1), told.alert(1).members.len()), (AlertState::Open, 14));
}

/// When the first of the stones leaves.
fn breaking() -> Time {
    start() + 72 * HOUR
}

#[test]
fn a_split_keeps_the_alert_with_the_larger_part() {
    let mut told = under_three();
    chain(&mut told);
    let changes = told.event(Event::Tick, breaking());
    let part = told.engine.alerts().last().unwrap().id;
    assert_eq!(steps(&changes), [(Raised, part), (Split, A)]);
    assert_eq!(others(&changes), [vec![A], vec![part]]);
    let (large, small) = (told.alert(1), told.alert(part.0));
    assert!(large.members.len() > small.members.len());
    assert!(large.center.lat() > small.center.lat());
    assert_eq!((large.split_from, small.split_from), (None, Some(A)));
}

#[test]
fn who_answers_for_an_alert_answers_for_what_breaks_off() {
    let mut told = under_three();
    chain(&mut told);
    assert_eq!(told.acknowledge(start() + 10 * HOUR), [(Acknowledged, A)]);
    told.until(breaking());
    let (whole, part) = (told.alert(1), told.engine.alerts().last().unwrap());
    assert!(whole.acknowledged.is_some());
    assert_eq!(part.acknowledged, whole.acknowledged);
}

#[test]
fn what_broke_off_loses_an_acknowledgement_that_is_taken_back() {
    let mut told = under_three();
    chain(&mut told);
    let at = breaking() - 1_000;
    told.sign(7, at);
    told.until(breaking());
    let part = told.engine.alerts().last().unwrap().id;
    assert!(told.alert(part.0).acknowledged.is_some());
    let taken = told.withdraw(1, Some(7), at, breaking() + 1_000);
    assert_eq!(taken, [(Withdrawn, A), (Withdrawn, part)]);
    assert!(told.engine.alerts().all(|alert| alert.acknowledged.is_none()));
}

#[test]
fn what_breaks_off_has_alarmed_as_long_as_the_whole() {
    let mut told = under_three();
    chain(&mut told);
    told.until(breaking());
    let (whole, part) = (told.alert(1), told.engine.alerts().last().unwrap());
    assert_eq!((part.raised_at, part.alarming_since), (breaking(), whole.raised_at));
}

#[test]
fn an_alert_that_fades_as_its_cluster_breaks_names_what_broke_off() {
    let mut told = under_three();
    told.dump_all(&STONES.map(|(_, north)| (-0.5, north)), start());
    told.dump_all(&SPREE, start() + HOUR);
    // More, but on one side alone.
    told.dump_all(&[-1.0, -2.0, -3.0].map(|east| (east, 15.0)), start() + 2 * HOUR);
    told.dump_all(&[-1.0, -2.0, -3.0].map(|east| (east, 14.0)), start() + 2 * HOUR);
    let changes = told.event(Event::Tick, breaking());
    assert_eq!(steps(&changes), [(Raised, B), (Faded, A)]);
    assert_eq!(others(&changes), [vec![A], vec![B]]);
}

#[test]
fn an_old_alert_that_comes_back_for_a_part_tells_what_that_broke_off_from() {
    let mut told = unlifted(Rule { min_points: 3, cooldown_ms: 99 * HOUR, ..dumping() });
    told.dump_all(&north_by(15.0), start());
    let later = start() + 80 * HOUR;
    told.until(later);
    assert_eq!(told.state(1), AlertState::Cleared);
    // The stones are reported after the sprees, but are older.
    told.dump_all(&SPREE, later);
    let stones = later - HOUR;
    let late = |(id, (east, north))| incident(id, "dumping", spot(east, north), stones);
    for stone in (100..).zip(STONES).map(late) {
        told.event(Event::Incident(stone), later + 5 * MINUTE);
    }
    told.dump_all(&north_by(15.0), later + 10 * MINUTE);
    assert_eq!((told.state(1), told.alert(2).members.len()), (AlertState::Cleared, 13));
    let changes = told.event(Event::Tick, stones + 72 * HOUR);
    assert_eq!(steps(&changes), [(Reopened, A), (Split, B)]);
    assert_eq!(others(&changes), [vec![B], vec![A]]);
    let (part, whole) = (told.alert(1), told.alert(2));
    assert_eq!((part.split_from, part.alarming_since), (Some(B), whole.raised_at));
}

#[test]
fn a_part_that_does_not_alarm_leaves_the_alert_updated() {
    let mut told = under_three();
    told.dump_all(&STONES.map(|(_, north)| (-0.5, north)), start());
    told.dump_all(&SPREE, start() + HOUR);
    told.dump(1.0, 1.0, start() + HOUR);
    told.dump_all(&[(-1.0, 15.0), (-2.0, 15.0), (-2.0, 14.0)], start() + 2 * HOUR);
    assert_eq!(told.alert(1).members.len(), 12);
    assert_eq!(told.until(start() + 72 * HOUR), [(Updated, A)]);
    assert_eq!(told.alert(1).members.len(), 6);
    assert_eq!(told.until(start() + 72 * HOUR + 2 * MINUTE), []);
}

#[test]
fn clusters_that_break_at_one_moment_keep_each_its_own_alert() {
    let rule = Rule { min_points: 2, min_per_side: 1, ..dumping() };
    let mut told = Told::under(&[rule]);
    let (old, new) = (start(), start() + HOUR);
    // Two clusters, each held together by a report of one and the same time, and
    // a third whose other half goes then too.
    let bridges = [(0.0, 4.0), (0.5, 8.0), (0.0, 105.0)];
    let rest = [(-1.0, 0.0), (1.0, 0.0), (-0.5, 8.0)];
    let other = [(-1.0, 100.0), (1.0, 100.0), (0.0, 101.0), (-0.5, 109.0), (0.5, 109.0)];
    for (at, places) in [(old, &bridges[..]), (new, &rest), (new, &other)] {
        for &(east, north) in places {
            told.dump(east, north, at);
        }
    }
    let members =
        |told: &Told, id| told.alert(id).members.iter().map(|id| id.0).collect::<Vec<_>>();
    let open: Vec<_> = told.engine.alerts().map(|alert| (alert.id.0, alert.state)).collect();
    let open = open.into_iter().filter(|(_, state)| *state == AlertState::Open);
    let open: Vec<_> = open.map(|(id, _)| id).collect();
    let [south, north] = open[..] else { panic!("{open:?}") };
    assert_eq!(members(&told, south), [1, 2, 4, 5, 6]);
    assert_eq!(members(&told, north), [3, 7, 8, 9, 10, 11]);

    told.until(old + 72 * HOUR);
    assert_eq!(members(&told, south), [4, 5]);
    assert_eq!(members(&told, north), [7, 8, 9]);
    let state = |id| told.state(id);
    assert_eq!([south, north].map(state), [AlertState::Open; 2]);
}
