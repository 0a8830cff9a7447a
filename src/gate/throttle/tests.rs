use std::net::IpAddr;

use super::*;

fn network(last: u8) -> Place {
    Place::Network(IpAddr::from([10, 0, 0, last]).into())
}

fn name(text: &str) -> Subject {
    Subject::Name(text.into())
}

const NOW: Time = Time::from_ms(60_000_000);

/// Tries until refused; how often, and the wait then.
fn wear_out(throttle: &mut Throttle, subject: &Subject, from: Place, now: Time) -> (u32, i64) {
    let mut tries = 0;
    loop {
        match throttle.begin(subject, from, now) {
            Ok(()) => tries += 1,
            Err(wait) => return (tries, wait),
        }
    }
}

#[test]
fn who_guesses_waits_longer_each_time() {
    let mut throttle = Throttle::default();
    let mut now = NOW;
    assert_eq!(wear_out(&mut throttle, &name("li"), network(1), now), (6, 1_000));
    let mut waits = Vec::new();
    let mut wait = 1_000;
    for _ in 0..12 {
        now = now + wait;
        throttle.begin(&name("li"), network(1), now).unwrap();
        wait = throttle.begin(&name("li"), network(1), now).unwrap_err();
        waits.push(wait);
    }
    assert_eq!(waits[..3], [2_000, 4_000, 8_000]);
    assert_eq!(waits.last(), Some(&LONGEST_AT_PLACE_MS));
}

#[test]
fn others_behind_the_same_address_are_not_locked_out() {
    let mut throttle = Throttle::default();
    wear_out(&mut throttle, &name("li"), network(1), NOW);
    assert!(throttle.begin(&name("wang"), network(1), NOW).is_ok());
    assert!(throttle.begin(&name("li"), network(2), NOW).is_ok(), "nor is the account elsewhere");
}

#[test]
fn many_addresses_that_guess_at_one_account_are_slowed_down_together() {
    let mut throttle = Throttle::default();
    for from in 0..21 {
        throttle.begin(&name("li"), network(from), NOW).unwrap();
    }
    assert_eq!(throttle.begin(&name("li"), network(99), NOW), Err(1_000));
    assert!(throttle.begin(&name("wang"), network(99), NOW).is_ok());
}

#[test]
fn a_known_device_is_shut_out_by_nobody_but_itself() {
    let mut throttle = Throttle::default();
    let device = Place::Device(Mark::of(7));
    for from in 0..200 {
        let _ = throttle.begin(&name("li"), network(from), NOW);
    }
    // Nor by who is behind the same address and tries every name.
    for at in 0..300 {
        let _ = throttle.begin(&name(&at.to_string()), network(1), NOW);
    }
    assert_eq!(wear_out(&mut throttle, &name("li"), device, NOW), (6, 1_000));
    assert!(throttle.begin(&name("li"), Place::Device(Mark::of(8)), NOW).is_ok());
}

#[test]
fn one_address_that_tries_every_name_is_stopped() {
    let mut throttle = Throttle::default();
    for at in 0..Errand::SignIn.a_minute() {
        throttle.begin(&name(&at.to_string()), network(1), NOW).unwrap();
    }
    assert!(throttle.begin(&name("another"), network(1), NOW).is_err());
    assert!(throttle.begin(&name("another"), network(2), NOW).is_ok());
    assert!(throttle.begin(&name("another"), network(1), NOW + 60_000).is_ok());
}

#[test]
fn each_errand_has_a_budget_of_its_own() {
    let mut throttle = Throttle::default();
    let Place::Network(from) = network(1) else { unreachable!() };
    let wear_out = |throttle: &mut Throttle, errand| {
        (0..2_000).filter(|_| throttle.count_errand(errand, from, NOW).is_ok()).count()
    };
    assert_eq!(wear_out(&mut throttle, Errand::WallCode), 60);
    assert_eq!(wear_out(&mut throttle, Errand::WallClaim), 1_200);
    assert_eq!(wear_out(&mut throttle, Errand::Provider), 240);
    throttle.begin(&name("li"), network(1), NOW).unwrap();
}

#[test]
fn a_name_is_never_taken_for_another_kind_of_guess() {
    let mut throttle = Throttle::default();
    let (codes, password) = (Subject::Codes(AccountId(1)), Subject::Password(AccountId(1)));
    for text in ["(codes of li)", "1", "li"] {
        wear_out(&mut throttle, &name(text), network(1), NOW);
    }
    assert_eq!(wear_out(&mut throttle, &codes, network(1), NOW).0, 6);
    assert_eq!(wear_out(&mut throttle, &password, network(1), NOW).0, 6);
}

#[test]
fn the_right_password_forgives() {
    let mut throttle = Throttle::default();
    for _ in 0..5 {
        throttle.begin(&name("li"), network(1), NOW).unwrap();
    }
    throttle.succeeded(&name("li"), network(1));
    assert_eq!(wear_out(&mut throttle, &name("li"), network(1), NOW).0, 6);
    let later = NOW + FORGET_MS + 60_000;
    assert!(throttle.begin(&name("li"), network(1), later).is_ok());
    assert_eq!(throttle.of_subject[&name("li")].count, 1);
}

#[test]
fn what_is_old_is_forgotten_and_what_is_made_up_has_a_bound() {
    let mut throttle = Throttle::default();
    let mut now = NOW;
    wear_out(&mut throttle, &name("li"), network(1), now);
    now = now + FORGET_MS + 1;
    throttle.begin(&name("wang"), network(1), now).unwrap();
    assert_eq!(throttle.at_place.len(), 1, "though there is room");
    for at in 0..3 * u32::try_from(KEPT).unwrap() {
        let from = Place::Network(IpAddr::from(at.to_be_bytes()).into());
        throttle.begin(&name(&at.to_string()), from, now).unwrap();
    }
    for many in [throttle.at_place.len(), throttle.of_subject.len(), throttle.errands.len()] {
        assert!((KEPT / 2..=KEPT).contains(&many), "{many}");
    }
}

#[test]
fn refusals_of_strangers_are_written_up_to_a_bound_and_then_summed() {
    let mut throttle = Throttle::default();
    let written = (0..100).filter(|_| throttle.count_stranger(NOW)).count();
    assert_eq!(written, 20);
    assert_eq!(throttle.strangers_summed(NOW), 0, "the minute is not over");
    assert_eq!(throttle.strangers_summed(NOW + 60_000), 80);
    assert_eq!(throttle.strangers_summed(NOW + 60_000), 0);
    assert!(throttle.count_stranger(NOW + 60_000));
}
