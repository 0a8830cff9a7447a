//! Whose a point, a unit, an alert is.

use crate::domain::{Alert, Code, LngLat};

use super::Homes;

/// The land, as far as it says whose a record is. Answers do not change while the
/// service runs.
pub trait Land: Send + Sync {
    /// Whose is what lies here.
    fn homes(&self, point: LngLat) -> Homes;

    /// A jurisdiction and all above it.
    fn above(&self, code: Code) -> Vec<Code>;

    /// Whether a jurisdiction is another, or lies below it. Asked of every fix that
    /// a device hands in.
    fn is_within(&self, code: Code, agency: Code) -> bool {
        self.above(code).contains(&agency)
    }

    /// Whose a unit is: its agency's, and his where it is now.
    fn homes_of_unit(&self, agency: Code, now: Option<LngLat>) -> Homes {
        let here = now.map(|point| self.homes(point)).unwrap_or_default();
        let codes = self.above(agency).into_iter().chain(here.codes().iter().copied());
        Homes::new(codes, here.shared())
    }

    /// Whose an alert is: theirs who are its sides, and within a side theirs where
    /// its middle or a corner of its hull lies. If one of these points is in
    /// shared ground, so is the alert.
    fn homes_of_alert(&self, alert: &Alert) -> Homes {
        let sides = alert.sides.iter().map(|side| side.jurisdiction);
        let mut codes: Vec<_> = sides.clone().flat_map(|side| self.above(side)).collect();
        let mut shared = false;
        for &point in alert.hull.iter().chain([&alert.center]) {
            let here = self.homes(point);
            shared |= here.shared();
            if sides.clone().any(|side| here.belongs_to(side)) {
                codes.extend(here.codes());
            }
        }
        Homes::new(codes, shared)
    }
}
