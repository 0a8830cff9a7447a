//! What is to be forgotten of where units were.

use serde::{Deserialize, Serialize};

use super::{Event, Position, Time, UnitId};

/// The fixes, taken before a time, of one unit or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// Whose; everybody's if nobody is named.
    pub unit: Option<UnitId>,
    /// Before when they were taken.
    pub before: Time,
}

impl Forget {
    /// Whether a fix is among them.
    #[must_use]
    pub fn means(&self, fix: &Position) -> bool {
        fix.at < self.before && self.unit.is_none_or(|unit| unit == fix.unit)
    }

    /// Takes them out of a batch's events; how many they were. A batch of nothing
    /// else keeps a tick, so that time goes on in it as it did.
    pub fn take_out(&self, events: &mut Vec<Event>) -> u64 {
        let before = events.len();
        events.retain(|event| !matches!(event, Event::Position(fix) if self.means(fix)));
        let gone = before - events.len();
        if events.is_empty() {
            events.push(Event::Tick);
        }
        gone as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LngLat;

    fn fix(unit: u32, at: i64) -> Event {
        Event::Position(Position {
            unit: UnitId(unit),
            at: Time::from_ms(at),
            point: LngLat::new(121.0, 31.0).unwrap(),
            original: None,
            speed_mps: None,
            course_deg: None,
            accuracy_m: None,
        })
    }

    #[test]
    fn of_one_unit_or_of_all_what_is_older_goes() {
        let all = vec![fix(1, 5), fix(2, 5), Event::Tick, fix(1, 10)];
        let taken_out = |unit: Option<u32>, before| {
            let mut left = all.clone();
            let forget = Forget { unit: unit.map(UnitId), before: Time::from_ms(before) };
            (forget.take_out(&mut left), left)
        };
        assert_eq!(taken_out(Some(1), 10), (1, all[1..].to_vec()));
        assert_eq!(taken_out(None, 10), (2, all[2..].to_vec()));
        assert_eq!(taken_out(None, 11), (3, vec![Event::Tick]));
        assert_eq!(taken_out(Some(3), 99), (0, all.clone()));
    }
}
