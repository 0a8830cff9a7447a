//! The key figures.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::domain::{Code, Level, MatterCode, Provenance, Time};

use super::Engine;

/// A unit is on duty while its newest fix is no older than this.
pub const ON_DUTY_MS: i64 = 5 * 60_000;

/// The key figures at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Incidents that occurred today.
    pub incidents_today: u32,
    /// … by jurisdiction of the level asked for.
    pub by_jurisdiction: BTreeMap<Code, u32>,
    /// … by matter.
    pub by_matter: BTreeMap<MatterCode, u32>,
    /// Incidents remembered.
    pub incidents_live: u32,
    /// Units with a fix of the last five minutes.
    pub units_on_duty: u32,
    /// … by the jurisdiction of that level that holds their agency.
    pub units_by_jurisdiction: BTreeMap<Code, u32>,
    /// Alerts open or fading.
    pub alerts_open: u32,
    /// … that nobody answers for yet.
    pub alerts_unacknowledged: u32,
    /// Since when the oldest of those alarms.
    pub oldest_unacknowledged: Option<Time>,
    /// The kinds of provenance among what is shown, other than live.
    pub provenance: Vec<Provenance>,
}

impl Engine {
    /// A day begins, or goes on: its incidents are counted as they come, so that the
    /// figures of it are at hand.
    pub fn begin_day(&mut self, day_start: Time) {
        self.window.begin_day(day_start);
    }

    /// The figures at an instant, which may be later than the last event: units
    /// that all fell silent are off duty. `day_start` is when today began in the
    /// region.
    #[must_use]
    pub fn figures(&self, now: Time, day_start: Time, level: Level) -> Figures {
        let mut figures = Figures {
            incidents_live: u32::try_from(self.window.len()).unwrap_or(u32::MAX),
            ..Figures::default()
        };
        let today = self.window.day(day_start);
        figures.incidents_today = today.incidents;
        for (place, count) in today.places {
            if let Some(side) = self.window.place(place).at(level) {
                *figures.by_jurisdiction.entry(side).or_default() += count;
            }
        }
        figures.by_matter = today
            .matters
            .into_iter()
            .map(|(at, count)| (self.window.matter(at).clone(), count))
            .collect();

        let mut agencies: FxHashMap<Code, u32> = FxHashMap::default();
        for (unit, position) in self.fleet.iter() {
            if position.is_some_and(|position| position.at >= now - ON_DUTY_MS) {
                figures.units_on_duty += 1;
                *agencies.entry(unit.agency).or_default() += 1;
            }
        }
        for (agency, count) in agencies {
            if let Some(side) = self.atlas.ancestor(agency, level) {
                *figures.units_by_jurisdiction.entry(side).or_default() += count;
            }
        }

        for record in self.alerts.records.values().filter(|record| record.lives()) {
            figures.alerts_open += 1;
            if record.alert.acknowledged.is_none() {
                figures.alerts_unacknowledged += 1;
                let since = record.alert.alarming_since;
                let oldest = figures.oldest_unacknowledged.get_or_insert(since);
                *oldest = since.min(*oldest);
            }
        }
        let shown = |of: &Provenance| self.window.has(*of) || self.fleet.has(*of);
        figures.provenance =
            [Provenance::Simulated, Provenance::Replay].into_iter().filter(shown).collect();
        figures
    }
}
