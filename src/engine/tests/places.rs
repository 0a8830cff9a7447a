//! Fixes that cannot be right are kept, and move nothing.

use super::*;
use crate::domain::{Forget, Position, Unit, UnitId, UnitKind};
use crate::engine::Doubt;

struct Car(Told);

fn place(lng: f64, lat: f64) -> LngLat {
    LngLat::new(lng, lat).unwrap()
}

fn car(kind: UnitKind) -> Car {
    let mut told = Told::under(&[]);
    let unit = Unit {
        id: UnitId(1),
        code: "U".into(),
        name: "一车".into(),
        kind,
        agency: code(WEST),
        provenance: Provenance::Live,
    };
    told.event(Event::Unit(unit), start());
    Car(told)
}

impl Car {
    /// A fix some seconds after the start; why it is not believed.
    fn fix(&mut self, second: i64, point: LngLat, accuracy_m: Option<f32>) -> Option<Doubt> {
        let at = start() + second * 1_000;
        let fix = Position {
            unit: UnitId(1),
            at,
            point,
            original: None,
            speed_mps: None,
            course_deg: None,
            accuracy_m,
        };
        let changes = self.0.event(Event::Position(fix), start());
        let doubt = self.0.engine.doubt();
        assert!(doubt.is_none() || changes.is_empty(), "{changes:?}");
        doubt
    }

    fn at(&self) -> Option<LngLat> {
        self.0.engine.unit(UnitId(1)).unwrap().1.map(|fix| fix.point)
    }

    fn forget(&mut self, before_second: i64) -> Vec<Change> {
        let forget = Forget { unit: None, before: start() + before_second * 1_000 };
        self.0.event(Event::Forget(forget), start())
    }
}

const HOME: (f64, f64) = (120.80, 31.005);

#[test]
fn a_leap_across_the_land_moves_no_car() {
    let (home, far) = (place(HOME.0, HOME.1), place(87.6, 43.8));
    let mut car = car(UnitKind::Car);
    assert_eq!(car.fix(0, home, None), None);
    assert_eq!(car.fix(10, far, Some(5.0)), Some(Doubt::TooFast));
    assert_eq!(car.at(), Some(home));
    assert_eq!(car.0.engine.units_near(home, 100.0, start(), 9).len(), 1);
    let onward = place(HOME.0 + 0.001, HOME.1);
    assert_eq!(car.fix(20, onward, None), None);
    // In between come good ones, so the bad never agree for long enough.
    for second in (30..90).step_by(20) {
        assert_eq!(car.fix(second, far, None), Some(Doubt::TooFast));
        assert_eq!(car.fix(second + 10, onward, None), None);
    }
    assert_eq!(car.at(), Some(onward));
    let last: Vec<_> = car.0.engine.last_fixes().collect();
    assert_eq!(last, [(UnitId(1), Some(start() + 80_000))]);
}

#[test]
fn several_that_agree_are_believed_against_the_first() {
    let (home, far) = (place(HOME.0, HOME.1), place(87.6, 43.8));
    let mut car = car(UnitKind::Car);
    // A receiver that has just been switched on.
    assert_eq!(car.fix(0, far, None), None);
    assert_eq!(car.fix(10, home, None), Some(Doubt::TooFast));
    assert_eq!(car.fix(20, home, None), Some(Doubt::TooFast));
    assert_eq!(car.fix(30, home, None), None);
    assert_eq!(car.at(), Some(home));
    // Scattered ones agree with nothing.
    for second in 4..12 {
        let scattered = place(f64::from(second) * 10.0, 10.0);
        assert_eq!(car.fix(i64::from(second) * 10, scattered, None), Some(Doubt::TooFast));
    }
    assert_eq!(car.at(), Some(home));
}

#[test]
fn what_can_be_reached_is_believed() {
    let mut car = car(UnitKind::Car);
    let east = |metres: f64| place(HOME.0 + metres / 95_500.0, HOME.1);
    assert_eq!(car.fix(0, east(0.0), None), None);
    assert_eq!(car.fix(10, east(1_900.0), None), None, "1.4 km and what reflections do");
    assert_eq!(car.fix(20, east(4_100.0), None), Some(Doubt::TooFast));
    assert_eq!(car.fix(30, east(1_900.0), None), None);
    assert_eq!(car.fix(40, east(6_100.0), Some(3_000.0)), None, "its circle reaches back");
    // A leap second leaves 10 ms of a second.
    assert_eq!(car.fix(50, east(6_200.0), None), None);
    // After an hour it may be anywhere within 540 km.
    assert_eq!(car.fix(3_700, east(500_000.0), None), None);
    // A late one that fits moves nothing and is not doubted.
    assert_eq!(car.fix(60, east(6_200.0), None), None);
    assert_eq!(car.at(), Some(east(500_000.0)));
}

#[test]
fn a_drone_is_faster_than_a_car() {
    let fly = |kind| {
        let mut unit = car(kind);
        unit.fix(0, place(HOME.0, HOME.1), None);
        unit.fix(60, place(HOME.0 + 0.115, HOME.1), None)
    };
    let kinds = [UnitKind::Car, UnitKind::Foot, UnitKind::Boat, UnitKind::Drone];
    let slow = Some(Doubt::TooFast);
    assert_eq!(kinds.map(fly), [slow, slow, slow, None]);
}

#[test]
fn a_circle_coarser_than_a_county_moves_nothing() {
    let (home, mast) = (place(HOME.0, HOME.1), place(HOME.0 + 0.05, HOME.1));
    let mut car = car(UnitKind::Car);
    assert_eq!(car.fix(0, mast, Some(10_000.0)), Some(Doubt::TooCoarse));
    assert_eq!(car.at(), None);
    assert_eq!(car.fix(10, home, Some(9_999.0)), None);
    assert_eq!(car.fix(60, mast, Some(50_000.0)), Some(Doubt::TooCoarse));
    assert_eq!(car.at(), Some(home));
}

#[test]
fn what_is_doubted_is_so_after_a_restart_too() {
    let (home, far) = (place(HOME.0, HOME.1), place(87.6, 43.8));
    let mut car = car(UnitKind::Car);
    car.fix(0, home, None);
    car.fix(10, far, None);
    car.fix(20, far, None);
    let bytes = car.0.engine.checkpoint();
    let again = Engine::restore(land(), &bytes).unwrap();
    assert_eq!(again.digest(), car.0.engine.digest());
    car.0.engine = again;
    assert_eq!(car.at(), Some(home));
    assert_eq!(car.fix(30, far, None), None, "the third that agrees");
}

#[test]
fn when_what_a_doubt_rests_on_may_be_forgotten_the_latest_is_believed() {
    let (home, far) = (place(HOME.0, HOME.1), place(87.6, 43.8));
    let mut car = car(UnitKind::Car);
    car.fix(0, home, None);
    car.fix(10, far, None);
    let moved = car.forget(5);
    assert!(matches!(moved[..], [Change::Moved { from: Some(from), .. }] if from == home));
    assert_eq!(car.at(), Some(far));
    assert_eq!(car.forget(5), []);
    assert_eq!(car.forget(11), [Change::Forgotten { unit: UnitId(1) }]);
    assert_eq!(car.0.engine.last_fixes().next(), Some((UnitId(1), None)));
}
