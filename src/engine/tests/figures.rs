//! Units, and the key figures.

use proptest::prelude::*;

use super::*;
use crate::domain::{Position, Unit, UnitId, UnitKind};

fn unit(id: u32, agency: u32) -> Unit {
    Unit {
        id: UnitId(id),
        code: format!("U{id}").into(),
        name: "巡逻一组".into(),
        kind: UnitKind::Car,
        agency: code(agency),
        provenance: Provenance::Live,
    }
}

fn fix(unit: u32, point: LngLat, at: Time) -> Position {
    Position {
        unit: UnitId(unit),
        at,
        point,
        original: None,
        speed_mps: None,
        course_deg: None,
        accuracy_m: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn figures_counted_as_they_come_are_those_counted_at_once(
        steps in exact::steps(),
        day in 0..30_i64,
    ) {
        let mut engine = Engine::new(land(), set(&[dumping()]));
        let mut plain = Engine::new(land(), set(&[dumping()]));
        for (n, (event, at)) in exact::log(&steps).iter().enumerate() {
            let day_start = *at - (at.ms() - start().ms()).rem_euclid(day.max(1) * HOUR);
            engine.apply(event, *at, &mut Vec::new());
            plain.apply(event, *at, &mut Vec::new());
            if n % 2 == 0 {
                engine.begin_day(day_start);
            }
            for level in [Level::Province, Level::County] {
                let figures = |engine: &Engine| engine.figures(*at, day_start, level);
                prop_assert_eq!(figures(&engine), figures(&plain));
            }
        }
    }
}

#[test]
fn a_late_fix_does_not_move_a_unit_back() {
    let mut told = Told::under(&[]);
    told.event(Event::Unit(unit(1, WEST)), start());
    let (here, there) = (spot(0.0, 0.0), spot(1.0, 0.0));
    let newest = fix(1, there, start());
    let moved = told.event(Event::Position(newest), start());
    assert_eq!(moved, [Change::Moved { position: newest, from: None }]);
    assert_eq!(told.event(Event::Position(fix(1, here, start() - MINUTE)), start()), []);
    assert_eq!(told.event(Event::Position(newest), start()), []);
    assert_eq!(told.event(Event::Position(fix(2, here, start())), start()), []);
    assert_eq!(told.engine.unit(UnitId(1)).unwrap().1, Some(&newest));
    let next = fix(1, here, start() + MINUTE);
    let moved = told.event(Event::Position(next), start());
    assert_eq!(moved, [Change::Moved { position: next, from: Some(there) }]);
}

#[test]
fn a_unit_registered_again_is_told_only_when_it_differs() {
    let mut told = Told::under(&[]);
    assert_eq!(told.event(Event::Unit(unit(1, WEST)), start()).len(), 1);
    assert_eq!(told.event(Event::Unit(unit(1, WEST)), start()).len(), 0);
    assert_eq!(told.event(Event::Unit(unit(1, EAST)), start()).len(), 1);
    assert_eq!(told.engine.units().count(), 1);
}

#[test]
fn the_nearest_units_not_silent_come_first() {
    let mut told = Told::under(&[]);
    for (id, east) in [(1, 9.0), (2, 1.0), (3, -2.0), (4, 30.0)] {
        told.event(Event::Unit(unit(id, WEST)), start());
        told.event(Event::Position(fix(id, spot(east, 0.0), start())), start());
    }
    told.event(Event::Unit(unit(5, WEST)), start());
    told.event(Event::Unit(unit(6, WEST)), start());
    told.event(Event::Position(fix(6, spot(0.0, 0.0), start() - 1)), start());
    let near = told.engine.units_near(spot(0.0, 0.0), 1_000.0, start(), 9);
    assert_eq!(near.iter().map(|near| near.0.0).collect::<Vec<_>>(), [2, 3, 1]);
    assert!((near[0].1 - 100.0).abs() < 1.0, "{}", near[0].1);
    assert_eq!(told.engine.units_near(spot(0.0, 0.0), 1_000.0, start(), 1).len(), 1);
}

#[test]
fn the_figures_count_today_and_who_is_on_duty() {
    let mut told = Told::under(&[dumping()]);
    told.dump_all(&SPREE, start());
    let early = incident(50, "dumping", spot(500.0, 0.0), start() - HOUR);
    told.event(Event::Incident(early), start() + HOUR);
    for (id, agency, ago) in [(1, WEST + 101, 1), (2, WEST, 4), (3, EAST, 6)] {
        told.event(Event::Unit(unit(id, agency)), start() + HOUR);
        let at = start() + HOUR - ago * MINUTE;
        told.event(Event::Position(fix(id, spot(0.0, 0.0), at)), start() + HOUR);
    }
    let figures = told.engine.figures(start() + HOUR, start(), Level::Province);
    assert_eq!((figures.incidents_today, figures.incidents_live), (5, 6));
    assert_eq!(figures.by_jurisdiction, [(code(WEST), 3), (code(EAST), 2)].into());
    assert_eq!(figures.by_matter, [(MatterCode::new("dumping"), 5)].into());
    assert_eq!(figures.units_on_duty, 2);
    assert_eq!(figures.units_by_jurisdiction, [(code(WEST), 2)].into());
    assert_eq!((figures.alerts_open, figures.alerts_unacknowledged), (1, 1));
    assert_eq!(figures.oldest_unacknowledged, Some(start() + 4 * MINUTE));
    assert_eq!(figures.provenance, []);
}

#[test]
fn nobody_is_on_duty_once_all_fell_silent() {
    let mut told = Told::under(&[]);
    told.event(Event::Unit(unit(1, WEST)), start());
    told.event(Event::Position(fix(1, spot(0.0, 0.0), start())), start());
    let on_duty = |minutes| {
        told.engine.figures(start() + minutes * MINUTE, start(), Level::Province).units_on_duty
    };
    assert_eq!((on_duty(5), on_duty(6)), (1, 0));
}
