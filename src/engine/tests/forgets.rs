//! What is forgotten can be taken out of the log before it, and nothing else changes.

use proptest::prelude::*;

use super::exact::{log, steps};
use super::*;
use crate::domain::{Forget, Position, Unit, UnitId, UnitKind};

/// A fix of one of three units: beside which step, whose, and how old.
type Fix = (usize, u32, i64);

fn unit(id: u32) -> Event {
    Event::Unit(Unit {
        id: UnitId(id),
        code: id.to_string().into(),
        name: id.to_string().into(),
        kind: UnitKind::Car,
        agency: "310000".parse().unwrap(),
        provenance: Provenance::Live,
    })
}

/// Some leap across the land, and some are coarse.
fn fix(unit: u32, at: Time) -> Event {
    let minute = at.ms() / MINUTE;
    let far = if minute % 3 == 0 { 1e4 } else { 0.0 };
    Event::Position(Position {
        unit: UnitId(unit),
        at,
        point: spot(f64::from(unit), far),
        original: None,
        speed_mps: None,
        course_deg: None,
        accuracy_m: (minute % 5 == 0).then_some(20_000.0),
    })
}

/// The steps as batches with fixes among them; where time alone passed, there may be
/// nothing but fixes.
fn batches(steps: &[(Event, Time)], fixes: &[Fix]) -> Vec<(Time, Vec<Event>)> {
    let mut batches = vec![(start(), (1..=3).map(unit).collect())];
    for (place, (event, at)) in steps.iter().enumerate() {
        let beside = fixes.iter().filter(|(beside, ..)| *beside == place);
        let mut events: Vec<_> =
            beside.map(|(_, unit, ago_min)| fix(*unit, *at - ago_min * MINUTE)).collect();
        if events.is_empty() || *event != Event::Tick {
            events.push(event.clone());
        }
        batches.push((*at, events));
    }
    batches
}

/// What an engine tells of each batch, and what it is after each.
fn run(engine: &mut Engine, batches: &[(Time, Vec<Event>)]) -> Vec<(Vec<Change>, u64)> {
    let each = |(at, events): &(Time, Vec<Event>)| {
        let mut changes = Vec::new();
        for event in events {
            engine.apply(event, *at, &mut changes);
        }
        (changes, engine.digest())
    };
    batches.iter().map(each).collect()
}

fn is_of_places(change: &Change) -> bool {
    matches!(change, Change::Moved { .. } | Change::Forgotten { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_log_without_what_is_forgotten_gives_the_same_from_there_on(
        steps in steps(),
        fixes in prop::collection::vec((0..120_usize, 1..4_u32, 0..600_i64), 0..90),
        cut in any::<prop::sample::Index>(),
        whose in prop::option::of((1..4_u32).prop_map(UnitId)),
        ago_min in 0..600_i64,
    ) {
        let mut whole = batches(&log(&steps), &fixes);
        let cut = 1 + cut.index(whole.len());
        let at = whole[cut - 1].0;
        let forget = Forget { unit: whose, before: at - ago_min * MINUTE };
        whole.insert(cut, (at, vec![Event::Forget(forget)]));
        let mut rest = whole.clone();
        for (_, events) in &mut rest[..cut] {
            forget.take_out(events);
            prop_assert!(!events.is_empty());
        }
        let fresh = || Engine::new(land(), set(&[dumping()]));
        let (told, again) = (run(&mut fresh(), &whole), run(&mut fresh(), &rest));
        prop_assert_eq!(&told[cut + 1..], &again[cut + 1..]);
        prop_assert_eq!(told[cut].1, again[cut].1);
        for ((told, _), (again, _)) in told.into_iter().zip(again) {
            let others = |all: Vec<Change>| -> Vec<_> {
                all.into_iter().filter(|change| !is_of_places(change)).collect()
            };
            prop_assert_eq!(others(told), others(again));
        }

        let mut engine = fresh();
        run(&mut engine, &whole[..cut]);
        let bytes = engine.checkpoint();
        let clean = Frozen::without(&bytes, &forget).unwrap_or(bytes);
        prop_assert_eq!(Frozen::without(&clean, &forget), None);
        let mut engine = Engine::restore(land(), &clean).unwrap();
        let mut same = fresh();
        run(&mut same, &whole);
        run(&mut engine, &rest[cut..]);
        prop_assert_eq!(engine.digest(), same.digest());
    }
}
