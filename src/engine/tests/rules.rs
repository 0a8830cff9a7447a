//! Other rules hold: alerts are not lost.

use super::*;
use AlertStep::{Cleared, Faded, Merged, Raised, Recovered, Updated};

const A: AlertId = AlertId(1);
const B: AlertId = AlertId(2);

fn change(told: &mut Told, rules: &[Rule], at: Time) -> Vec<(AlertStep, AlertId)> {
    let changes = told.event(Event::Rules(set(rules)), at);
    assert!(matches!(&changes[0], Change::Rules(known) if **known == *set(rules)));
    steps(&changes)
}

#[test]
fn the_same_rules_again_change_nothing() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(change(&mut told, &[dumping()], start() + HOUR), []);
}

#[test]
fn an_alert_stays_when_its_rule_sees_further() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    told.dump(7.5, 1.0, start() + HOUR);
    let wider = Rule { eps_m: 600.0, ..dumping() };
    assert_eq!(change(&mut told, &[wider], start() + 2 * HOUR), [(Updated, A)]);
    assert_eq!(told.alert(1).members.len(), 6);
    assert_eq!(told.alert(1).raised_at, start() + 4 * MINUTE);
}

#[test]
fn alerts_whose_clusters_become_one_merge() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    told.dump_all(&north_by(9.0), start() + HOUR);
    assert_eq!(told.engine.alerts().count(), 2);
    let wider = Rule { eps_m: 800.0, ..dumping() };
    assert_eq!(change(&mut told, &[wider], start() + 2 * HOUR), [(Updated, A), (Merged, B)]);
}

#[test]
fn an_alert_fades_when_its_rule_sees_less_and_recovers_with_it() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let strict = Rule { min_points: 6, ..dumping() };
    assert_eq!(change(&mut told, &[strict], start() + HOUR), [(Faded, A)]);
    assert_eq!(change(&mut told, &[dumping()], start() + 2 * HOUR), [(Recovered, A)]);
}

#[test]
fn an_alert_without_its_rule_fades_and_clears_as_that_one_said() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    assert_eq!(change(&mut told, &[], start() + HOUR), [(Faded, A)]);
    assert_eq!(told.until(start() + 7 * HOUR), [(Cleared, A)]);
}

#[test]
fn a_shorter_hold_holds_for_what_fades_already() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let faded = start() + 72 * HOUR;
    assert_eq!(told.until(faded), [(Faded, A)]);
    let short = Rule { hold_ms: HOUR, ..dumping() };
    assert_eq!(change(&mut told, &[short], faded + 2 * HOUR), []);
    assert_eq!(told.engine.next_due(), Some(faded + HOUR));
    assert_eq!(told.until(faded + 2 * HOUR + 1), [(Cleared, A)]);
}

#[test]
fn a_graver_rule_makes_its_alerts_graver() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let graver = Rule { severity: Severity::new(3).unwrap(), ..dumping() };
    assert_eq!(change(&mut told, &[graver], start() + HOUR), [(Updated, A)]);
    assert_eq!(told.alert(1).severity.grade(), 3);
}

#[test]
fn two_rules_raise_an_alert_each() {
    let both = Rule { id: RuleId("any".into()), min_points: 4, ..dumping() };
    let mut told = Told::under(&[dumping(), both]);
    assert_eq!(told.dump_all(&SPREE, start()), [(Raised, A), (Raised, B)]);
    let mut rules: Vec<_> = told.engine.alerts().map(|alert| alert.rule.to_string()).collect();
    rules.sort();
    assert_eq!(rules, ["any", "dumping"]);
}

#[test]
fn a_rule_of_another_level_raises_its_own_alert() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let county = Rule { level: Level::County, ..dumping() };
    assert_eq!(change(&mut told, &[county], start() + HOUR), [(Raised, B), (Faded, A)]);
    let sides = told.alert(2).sides.clone();
    assert_eq!(sides[0].jurisdiction, code(WEST + 102));
    assert!(sides.iter().all(|side| side.place == side.jurisdiction));
}
