//! Who answers for an alert, and takes that back.

use super::*;
use AlertStep::{Acknowledged, Withdrawn};

const A: AlertId = AlertId(1);
const SECOND: i64 = 1_000;

fn raised() -> Told {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    told
}

fn account(told: &Told, id: u64) -> Option<u64> {
    let made = told.alert(id).acknowledged.as_ref();
    made.and_then(|made| made.signer.as_ref()).map(|signer| signer.account)
}

#[test]
fn an_acknowledgement_names_the_account_and_its_agency() {
    let mut told = raised();
    let at = start() + HOUR;
    assert_eq!(told.sign(7, at), [(Acknowledged, A)]);
    assert_eq!(told.sign(7, at + SECOND), [], "the same again");
    let signer = told.alert(1).acknowledged.clone().unwrap().signer.unwrap();
    assert_eq!((signer.account, &*signer.name, signer.agency), (7, "n7", code(310_000)));
}

#[test]
fn two_accounts_of_one_display_name_are_two() {
    let mut told = raised();
    let at = start() + HOUR;
    told.sign(7, at);
    let signer = Some(Signer { account: 8, name: "n8".into(), agency: code(320_000) });
    let act = Act::AcknowledgeBy { alert: A, by: "7 号".into(), signer, note: String::new() };
    assert_eq!(steps(&told.event(Event::Act(act), at)), [(Acknowledged, A)]);
    assert_eq!(account(&told, 1), Some(8));
}

#[test]
fn an_acknowledgement_is_taken_back_by_who_made_it_within_half_a_minute() {
    let mut told = raised();
    let at = start() + HOUR;
    told.sign(7, at);
    assert_eq!(told.withdraw(1, Some(8), at, at + SECOND), [], "another account");
    assert_eq!(told.withdraw(1, None, at, at + SECOND), [], "no account");
    assert_eq!(told.withdraw(1, Some(7), at - SECOND, at + SECOND), [], "another one");
    assert_eq!(told.withdraw(1, Some(7), at, at + 30 * SECOND + 1), [], "too late");
    assert_eq!(account(&told, 1), Some(7));

    let mut told = raised();
    told.sign(7, at);
    assert_eq!(told.withdraw(1, Some(7), at, at + 30 * SECOND), [(Withdrawn, A)]);
    let alert = told.alert(1);
    assert_eq!(alert.acknowledged, None);
    assert_eq!(alert.withdrawn.as_ref().unwrap().by, "7 号");
    assert_eq!(told.withdraw(1, Some(7), at, at + 30 * SECOND), [], "twice");
    assert_eq!(told.sign(7, at + 31 * SECOND), [(Acknowledged, A)]);
    assert_eq!(told.alert(1).withdrawn, None);
}

#[test]
fn where_there_are_no_accounts_whoever_is_there_takes_it_back() {
    let mut told = raised();
    let at = start() + HOUR;
    told.acknowledge(at);
    assert_eq!(told.withdraw(1, Some(7), at, at), []);
    assert_eq!(told.withdraw(1, None, at, at), [(Withdrawn, A)]);
}

#[test]
fn who_answered_before_does_again_also_after_a_restart() {
    let mut told = raised();
    let at = start() + HOUR;
    told.sign(7, at);
    told.sign(8, at + SECOND);
    told.engine = Engine::restore(land(), &told.engine.checkpoint()).unwrap();
    assert_eq!(told.withdraw(1, Some(8), at + SECOND, at + 2 * SECOND), [(Withdrawn, A)]);
    assert_eq!(account(&told, 1), Some(7));
    assert_eq!(told.withdraw(1, Some(7), at, at + 3 * SECOND), [(Withdrawn, A)]);
    assert_eq!(account(&told, 1), None);
}
