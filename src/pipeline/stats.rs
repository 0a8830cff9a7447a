//! The key figures, about once a second.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::domain::{Level, RuleSet, Time};
use crate::engine::Figures;
use crate::wire::StatsFrame;

const DAY_MS: i64 = 86_400_000;

/// When today began at a time; UTC's day for a time out of all calendars.
pub fn day_start(now: Time, zone: &TimeZone) -> Time {
    let in_calendar = || {
        let now = ZonedDateTime::new(Timestamp::from_millisecond(now.ms()).ok()?, zone.clone());
        Some(Time::from(now.start_of_day().ok()?.timestamp()))
    };
    in_calendar().unwrap_or_else(|| now - now.ms().rem_euclid(DAY_MS))
}

/// When figures are told.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The server's time.
    pub now: Time,
    /// When its day began.
    pub day_start: Time,
    /// How long ago the store last showed that it takes what comes in.
    pub stored_ago: Duration,
    /// Whether that time, or the log's end, is doubted.
    pub clock_doubted: bool,
}

/// The figures as the stream tells them.
pub fn frame(moment: Moment, rules: &RuleSet, figures: Figures) -> StatsFrame {
    fn by_text<K: ToString>(counts: BTreeMap<K, u32>) -> BTreeMap<String, u32> {
        counts.into_iter().map(|(key, count)| (key.to_string(), count)).collect()
    }
    StatsFrame {
        at: moment.now.ms(),
        day_start: moment.day_start.ms(),
        stored_ago_ms: i64::try_from(moment.stored_ago.as_millis()).unwrap_or(i64::MAX),
        clock_doubted: moment.clock_doubted,
        rules: rules.revision(),
        incidents_today: figures.incidents_today,
        by_jurisdiction: by_text(figures.by_jurisdiction),
        by_matter: by_text(figures.by_matter),
        incidents_live: figures.incidents_live,
        units_on_duty: figures.units_on_duty,
        units_by_jurisdiction: by_text(figures.units_by_jurisdiction),
        alerts_open: figures.alerts_open,
        alerts_unacknowledged: figures.alerts_unacknowledged,
        oldest_unacknowledged: figures.oldest_unacknowledged.map(Time::ms),
        provenance: figures.provenance,
    }
}

/// What the figures are of.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Days begin at its midnight.
    pub zone: TimeZone,
    /// The level of jurisdiction they are counted by.
    pub level: Level,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_regions_midnight() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let now: Time = "2026-03-01T17:30:00Z".parse().unwrap();
        assert_eq!(day_start(now, &zone), "2026-03-02T00:00:00+08:00".parse().unwrap());
    }
}
