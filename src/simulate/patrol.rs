//! Where a patrol is at an instant: a pure function of its path and the time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::{LngLat, Time};

use super::path::Leg;

/// When a unit is on duty, in local hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// 07 to 15 h.
    Day,
    /// 15 to 23 h.
    Evening,
    /// 23 to 07 h.
    Night,
}

impl Shift {
    /// The shift of a local hour, 0 to 23.
    #[must_use]
    pub const fn at(hour: i8) -> Self {
        match hour {
            7..15 => Self::Day,
            15..23 => Self::Evening,
            _ => Self::Night,
        }
    }
}

/// The local hour of an instant, 0 to 23.
#[must_use]
pub fn hour(at: Time, zone: &TimeZone) -> i8 {
    Timestamp::from_millisecond(at.ms()).map_or(0, |at| zone.to_datetime(at).hour())
}

/// Where a unit is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Where.
    pub point: LngLat,
    /// Metres a second; 0 in a pause.
    pub speed_mps: f64,
    /// Degrees clockwise from north.
    pub course_deg: f64,
}

/// A round that a unit repeats: it drives a leg, stops, drives the next.
///
/// It speeds up from each stop and slows down before the next, so that its mean
/// speed on a leg is `speed_mps` and its highest one and a half times that.
#[derive(Clone, Debug)]
pub struct Round {
    legs: Vec<Leg>,
    /// When each leg begins, seconds from the start of the round; then its end.
    starts_s: Vec<f64>,
    speed_mps: f64,
}

impl Round {
    /// A round over legs, with the pause in seconds after each.
    ///
    /// # Panics
    /// Never: legs without a pause have none.
    #[must_use]
    pub fn new(legs: Vec<Leg>, speed_mps: f64, pauses_s: &[f64]) -> Self {
        let mut at_s = 0.0;
        let mut starts_s = vec![0.0];
        for (index, leg) in legs.iter().enumerate() {
            at_s += leg.length_m() / speed_mps + pauses_s.get(index).copied().unwrap_or(0.0);
            starts_s.push(at_s);
        }
        Self { legs, starts_s, speed_mps }
    }

    /// How long one round takes, seconds.
    #[must_use]
    pub fn lasts_s(&self) -> f64 {
        self.starts_s.last().copied().unwrap_or(0.0)
    }

    /// Where the unit is `since_s` seconds after it first set out; none without
    /// a leg.
    #[must_use]
    pub fn at(&self, since_s: f64) -> Option<Motion> {
        let lasts_s = self.lasts_s();
        let into_s = if lasts_s > 0.0 { since_s.rem_euclid(lasts_s) } else { 0.0 };
        let index = self.starts_s.partition_point(|&start| start <= into_s).max(1) - 1;
        let index = index.min(self.legs.len().checked_sub(1)?);
        let leg = &self.legs[index];
        let drive_s = leg.length_m() / self.speed_mps;
        let share = if drive_s > 0.0 {
            ((into_s - self.starts_s[index]) / drive_s).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let way_m = leg.length_m() * share * share * (3.0 - 2.0 * share);
        let (point, course_deg) = leg.after(way_m);
        Some(Motion { point, speed_mps: self.speed_mps * 6.0 * share * (1.0 - share), course_deg })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::simulate::path;
    use crate::simulate::plane::Plane;

    fn round() -> Round {
        let center = LngLat::new(120.9, 31.0).unwrap();
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let legs = path::draw(center, 2500.0, 6, &mut rng, |_| true).unwrap();
        Round::new(legs, 9.0, &[60.0, 0.0, 300.0, 0.0, 120.0, 30.0])
    }

    #[test]
    fn no_second_moves_a_patrol_further_than_its_highest_speed() {
        let round = round();
        let mut last = round.at(0.0).unwrap().point;
        let mut since_s = 0.0;
        while since_s < 2.0 * round.lasts_s() {
            since_s += 1.0;
            let here = round.at(since_s).unwrap().point;
            let [east_m, north_m] = Plane::at(last).offset(here);
            assert!(east_m.hypot(north_m) < 9.0 * 1.5 + 0.1, "after {since_s} s");
            last = here;
        }
    }

    #[test]
    fn in_a_pause_a_patrol_stands() {
        let round = round();
        let arrives_s = round.legs[0].length_m() / 9.0;
        let here = round.at(arrives_s + 30.0).unwrap();
        assert!(here.speed_mps.abs() < 1e-9);
        assert_eq!(here.point, round.at(arrives_s + 50.0).unwrap().point);
    }

    #[test]
    fn every_hour_of_the_day_has_one_shift() {
        let shifts: Vec<_> = (0..24).map(Shift::at).collect();
        assert_eq!(shifts.iter().filter(|&&shift| shift == Shift::Day).count(), 8);
        assert_eq!(shifts.iter().filter(|&&shift| shift == Shift::Night).count(), 8);
    }
}
