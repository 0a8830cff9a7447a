//! The trend of an alert goes with the time.

use super::*;
use AlertStep::{Aged, Faded, Raised};

const A: AlertId = AlertId(1);

/// The steps told, those that only say that time passed included, and the trends.
fn told_until(told: &mut Told, at: Time) -> Vec<(AlertStep, (u32, u32))> {
    let changes = told.event(Event::Tick, at);
    let trend = |change: &Change| match change {
        Change::Alert { step, alert, .. } => (*step, alert.trend),
        _ => panic!("{change:?}"),
    };
    changes.iter().map(trend).collect()
}

#[test]
fn a_trend_is_told_again_when_a_member_is_a_day_old_and_when_two() {
    let mut told = Told::under(&[dumping()]);
    assert_eq!(told.dump_all(&SPREE, start()), [(Raised, A)]);
    let (day, before) = (start() + 24 * HOUR, told.alert(1).clone());
    assert_eq!(told.engine.next_due(), Some(day));
    assert_eq!(told_until(&mut told, day - 1), []);
    assert_eq!(told_until(&mut told, day), [(Aged, (4, 1))]);
    assert_eq!(*told.alert(1), Alert { trend: (4, 1), ..before }, "nothing else changed");
    let trends: Vec<_> = told_until(&mut told, day + HOUR).into_iter().map(|of| of.1).collect();
    assert_eq!(trends, [(3, 2), (2, 3), (1, 4), (0, 5)]);
    let trends = told_until(&mut told, day + 25 * HOUR);
    assert_eq!(trends.first(), Some(&(Aged, (0, 4))));
    assert_eq!(trends.last(), Some(&(Aged, (0, 0))));
}

#[test]
fn members_of_one_moment_grow_older_together() {
    let mut told = Told::under(&[dumping()]);
    for place in SPREE {
        told.dump(place.0, place.1, start());
    }
    assert_eq!(told_until(&mut told, start() + 24 * HOUR), [(Aged, (0, 5))]);
    assert_eq!(told_until(&mut told, start() + 72 * HOUR), [(Aged, (0, 0)), (Faded, (0, 0))]);
}

#[test]
fn what_is_in_no_alert_grows_older_without_a_word() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE[..4], start());
    assert_eq!(told_until(&mut told, start() + 72 * HOUR), []);
}

#[test]
fn an_alert_that_fades_without_a_cluster_grows_older_too() {
    let mut told = Told::under(&[Rule { hold_ms: 50 * HOUR, ..dumping() }]);
    told.dump_all(&SPREE, start());
    let gone = start() + 30 * MINUTE;
    told.event(Event::Rules(set(&[])), gone);
    assert_eq!((told.state(1), told.alert(1).trend), (AlertState::Fading, (5, 0)));
    let day = start() + 24 * HOUR;
    assert_eq!(told.engine.next_due(), Some(day));
    assert_eq!(told_until(&mut told, day), [(Aged, (4, 1))]);
    told.until(day + HOUR);
    assert_eq!(told.alert(1).trend, (0, 5));
    let steps = told_until(&mut told, gone + 50 * HOUR);
    assert_eq!(steps.last(), Some(&(AlertStep::Cleared, (0, 0))));
}
