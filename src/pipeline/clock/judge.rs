//! Whether what the machine's clock shows is believed.
//!
//! Time in the log never goes back, and what is removed does not come back: so a clock
//! that is set to next year for a moment must move nothing. The machine's clock is held
//! against one that nobody sets, and at the start against the end of the log. A leap of
//! more than [`LEAP_MS`] is believed when something else than that clock says so: the
//! system, which has just synchronised it; the operator; or, minute by minute, most of
//! the reports that come in, since their times are read off other clocks. A leap that
//! merely lasts proves nothing, unless nobody reports anything for a day. (While the
//! machine sleeps the other clock stands still, which is a leap too.)

use std::time::Duration;

use crate::domain::Time;

use super::LEAP_MS;
use super::doubt::Doubt;

/// 2026-01-01T00:00:00Z: this was written later, so a clock that shows less is wrong.
pub const EARLIEST: Time = Time::from_ms(1_767_225_600_000);

/// A first store is not begun under a clock that is so far ahead of that: 20 years.
const FAR_MS: i64 = 20 * 365 * 86_400_000;

/// Reports are counted for so long before they are asked.
const ROUND: Duration = Duration::from_mins(1);

/// So many must say that the machine's clock is right.
const WITNESSES: u32 = 3;

/// After so long without any report a leap that stands is believed.
const QUIET: Duration = Duration::from_hours(24);

/// How far after the time that goes on a report may lie while the machine's clock is
/// behind it, ms: nobody knows how long the service did not run.
const BLIND_MS: i64 = 31 * 86_400_000;

/// What the machine's two clocks show at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The one that people and time servers set.
    pub wall: Time,
    /// The one that nobody sets.
    pub steady: Duration,
}

#[derive(Debug)]
pub(super) struct Judge {
    /// The last reading that was believed, or where the log ends and when that was read.
    believed: Reading,
    leap: Option<Leap>,
    /// When it was last said that there is a leap.
    told: Option<Duration>,
}

#[derive(Debug)]
struct Leap {
    /// How far it goes, ms.
    by: i64,
    /// Since when it stands.
    since: Duration,
    /// Since when reports are counted,
    round: Duration,
    /// how many lie nearer to the machine's clock,
    right: u32,
    /// and how many to the time that goes on.
    wrong: u32,
    /// Whether there was any at all since it stands.
    heard: bool,
}

impl Judge {
    /// Begins with a first reading, which is not held against anything yet.
    pub const fn new(first: Reading) -> Self {
        Self { believed: first, leap: None, told: None }
    }

    /// Holds a reading against the end of the log; where there is none, against what is
    /// possible at all.
    pub fn begin(&mut self, log: Option<Time>, reading: Reading) {
        let possible = EARLIEST..EARLIEST + FAR_MS;
        let from = match log {
            Some(log) => log,
            None if possible.contains(&reading.wall) => reading.wall,
            None => EARLIEST,
        };
        let believed = Reading { wall: from, steady: reading.steady };
        *self = Self { believed, leap: None, told: None };
        self.judge(reading);
    }

    /// The time, by a reading.
    pub fn judge(&mut self, reading: Reading) -> Time {
        let expected = self.expected(reading.steady);
        let ahead = reading.wall - expected;
        if ahead.abs() <= LEAP_MS {
            if self.leap.is_some() {
                tracing::info!(now = %reading.wall, "the machine's clock is right again");
            }
            self.believe(reading);
            return reading.wall;
        }
        let leap = match &mut self.leap {
            Some(leap) if (ahead - leap.by).abs() <= LEAP_MS => leap,
            _ => {
                self.tell(Doubt { shown: reading.wall, now: expected }, reading.steady);
                self.leap.insert(Leap::new(ahead, reading.steady))
            }
        };
        if reading.wall >= EARLIEST && leap.is_proven(reading.steady) {
            tracing::warn!(ahead_ms = ahead, now = %reading.wall, "the machine's clock is believed");
            self.believe(reading);
            return reading.wall;
        }
        expected
    }

    /// The system or an operator says that a reading is right.
    pub const fn believe(&mut self, reading: Reading) {
        self.believed = reading;
        self.leap = None;
    }

    /// Why the machine's clock is not believed, as of the reading that was judged last.
    pub fn doubt(&self, reading: Reading) -> Option<Doubt> {
        let now = self.expected(reading.steady);
        self.leap.as_ref().map(|_| Doubt { shown: reading.wall, now })
    }

    /// The latest time that it can be: what lies a little after it may be reported.
    pub fn latest(&self, reading: Reading) -> Time {
        let Some(Doubt { shown, now }) = self.doubt(reading) else { return reading.wall };
        if shown > now { shown } else { now + BLIND_MS }
    }

    /// Counts what reports say while there is a leap; a report lies near now or in the
    /// past, so only those near one of the two say anything.
    pub fn hear(&mut self, times: impl Iterator<Item = Time>, reading: Reading) {
        let expected = self.expected(reading.steady);
        let Some(leap) = &mut self.leap else { return };
        for at in times {
            leap.heard = true;
            let (right, wrong) = ((reading.wall - at).abs(), (expected - at).abs());
            if right.min(wrong) > LEAP_MS {
                continue;
            }
            let votes = if right < wrong { &mut leap.right } else { &mut leap.wrong };
            *votes = votes.saturating_add(1);
        }
    }

    /// The time that goes on from before.
    fn expected(&self, steady: Duration) -> Time {
        let gone = steady.saturating_sub(self.believed.steady);
        self.believed.wall + i64::try_from(gone.as_millis()).unwrap_or(i64::MAX)
    }

    /// Says it, but not at every turn of a clock that goes back and forth.
    fn tell(&mut self, doubt: Doubt, steady: Duration) {
        if self.told.is_none_or(|told| steady.saturating_sub(told) >= ROUND) {
            self.told = Some(steady);
            tracing::warn!(ahead_ms = doubt.ahead_ms(), "{doubt}");
        }
    }
}

impl Leap {
    const fn new(by: i64, since: Duration) -> Self {
        Self { by, since, round: since, right: 0, wrong: 0, heard: false }
    }

    /// Whether something else than the clock itself says that it is right.
    fn is_proven(&mut self, steady: Duration) -> bool {
        if !self.heard && steady.saturating_sub(self.since) >= QUIET {
            return true;
        }
        if steady.saturating_sub(self.round) < ROUND {
            return false;
        }
        self.round = steady;
        let (right, wrong) = (std::mem::take(&mut self.right), std::mem::take(&mut self.wrong));
        right >= WITNESSES && right > wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    fn at(second: i64) -> Time {
        EARLIEST + DAY * 30_000 + second * 1_000
    }

    fn second(time: Time) -> i64 {
        (time - at(0)) / 1_000
    }

    fn reading(wall: i64, steady: i64) -> Reading {
        let steady = Duration::from_secs(u64::try_from(steady).unwrap());
        Reading { wall: at(wall), steady }
    }

    /// A log that ends at 0, and a service that starts as the clock shows so much.
    fn started(wall: i64) -> Judge {
        let mut judge = Judge::new(reading(wall, 0));
        judge.begin(Some(at(0)), reading(wall, 0));
        judge
    }

    /// What the clock says when the machine's two show so many seconds.
    fn told(judge: &mut Judge, readings: &[(i64, i64)]) -> Vec<i64> {
        readings.iter().map(|&(wall, steady)| second(judge.judge(reading(wall, steady)))).collect()
    }

    /// So many minutes pass with reports each second of which the newest are of now.
    fn minutes(judge: &mut Judge, many: i64, lead: i64, truth: i64) -> i64 {
        let mut last = 0;
        for steady in 1..=many * 60 {
            let reading = reading(lead + steady, steady);
            judge.hear([at(truth + steady), at(truth + steady - 2)].into_iter(), reading);
            last = second(judge.judge(reading)) - steady;
        }
        last
    }

    #[test]
    fn a_clock_that_is_set_right_by_some_minutes_is_followed_at_once() {
        let mut judge = started(100);
        assert_eq!(told(&mut judge, &[(100, 0), (400, 1), (103, 2)]), [100, 400, 103]);
        assert_eq!(judge.doubt(reading(103, 2)), None);
    }

    #[test]
    fn a_leap_there_and_back_is_not_followed() {
        for leap in [6 * 60, 8 * HOUR, 400 * DAY, -6 * 60, -8 * HOUR, -400 * DAY] {
            let mut judge = started(0);
            let there =
                [(0, 0), (leap + 1, 1), (leap + 75, 75), (76, 76), (leap + 77, 77), (78, 78)];
            assert_eq!(told(&mut judge, &there), [0, 1, 75, 76, 77, 78], "{leap}");
        }
    }

    #[test]
    fn the_first_reading_is_held_against_the_log() {
        for leap in [6 * 60, 8 * HOUR, 400 * DAY, -6 * 60, -8 * HOUR, -400 * DAY] {
            let mut judge = started(leap);
            assert_eq!(told(&mut judge, &[(leap, 0), (leap + 7_200, 7_200)]), [0, 7_200], "{leap}");
            let doubt = judge.doubt(reading(leap + 7_200, 7_200)).unwrap();
            assert_eq!((second(doubt.shown), second(doubt.now)), (leap + 7_200, 7_200));
            assert_eq!(told(&mut judge, &[(7_201, 7_201)]), [7_201], "it was set right");
        }
    }

    #[test]
    fn a_clock_that_the_reports_say_is_wrong_is_never_believed() {
        for leap in [6 * 60, 8 * HOUR, 400 * DAY, -6 * 60, -8 * HOUR, -400 * DAY] {
            assert_eq!(minutes(&mut started(leap), 24 * 60 + 5, leap, 0), 0, "{leap}");
            // After a stop of half an hour reports are near neither.
            let truth = 1_800;
            if leap > truth || leap < 0 {
                assert_eq!(minutes(&mut started(leap), 24 * 60 + 5, leap, truth), 0, "{leap}");
            }
        }
    }

    #[test]
    fn a_stop_of_weeks_is_made_up_for_as_soon_as_reports_say_so() {
        for gone in [10 * 60, 9 * HOUR, 21 * DAY] {
            let mut judge = started(gone);
            assert_eq!(second(judge.judge(reading(gone + 1, 1))), 1);
            assert_eq!(minutes(&mut judge, 2, gone, gone), gone);
            assert!(judge.doubt(reading(gone + 120, 120)).is_none());
        }
        // And a clock is believed that is behind a log of the future.
        assert_eq!(minutes(&mut started(-8 * HOUR), 2, -8 * HOUR, -8 * HOUR), -8 * HOUR);
    }

    #[test]
    fn two_reports_or_the_smaller_part_of_them_prove_nothing() {
        let votes = |right: usize, wrong: usize| {
            let mut judge = started(8 * HOUR);
            let now = reading(8 * HOUR + 30, 30);
            judge.judge(now);
            judge.hear(std::iter::repeat_n(at(8 * HOUR + 29), right), now);
            judge.hear(std::iter::repeat_n(at(29), wrong), now);
            second(judge.judge(reading(8 * HOUR + 61, 61)))
        };
        assert_eq!(votes(2, 0), 61);
        assert_eq!(votes(3, 3), 61);
        assert_eq!(votes(4, 3), 8 * HOUR + 61);
    }

    #[test]
    fn a_leap_is_believed_after_a_day_in_which_nobody_reports() {
        for leap in [8 * HOUR, -8 * HOUR] {
            let mut judge = started(leap);
            let readings = [(leap, 0), (leap + DAY - 1, DAY - 1), (leap + DAY, DAY)];
            assert_eq!(told(&mut judge, &readings), [0, DAY - 1, leap + DAY]);
        }
        let mut judge = started(8 * HOUR);
        judge.hear([at(-5 * HOUR)].into_iter(), reading(8 * HOUR + 1, 1));
        assert_eq!(told(&mut judge, &[(8 * HOUR + DAY, DAY)]), [DAY], "somebody did");
    }

    #[test]
    fn whoever_says_that_it_is_right_is_believed() {
        let mut judge = started(400 * DAY);
        judge.believe(reading(400 * DAY + 1, 1));
        assert_eq!(told(&mut judge, &[(400 * DAY + 2, 2)]), [400 * DAY + 2]);
    }

    #[test]
    fn a_first_store_is_begun_at_any_time_that_is_possible() {
        let begun = |wall: Time| {
            let first = Reading { wall, steady: Duration::ZERO };
            let mut judge = Judge::new(first);
            judge.begin(None, first);
            (judge.judge(first), judge.doubt(first).is_some())
        };
        let day = EARLIEST + DAY * 1_000;
        assert_eq!(begun(day), (day, false));
        assert_eq!(begun(Time::from_ms(5)), (EARLIEST, true));
        assert_eq!(begun(EARLIEST + FAR_MS), (EARLIEST, true));
        // However long that lasts, and whatever reports say.
        let first = Reading { wall: Time::from_ms(5), steady: Duration::ZERO };
        let mut judge = Judge::new(first);
        judge.begin(None, first);
        let later = Reading { wall: Time::from_ms(5), steady: 2 * QUIET };
        assert!(judge.judge(later) > EARLIEST);
    }

    #[test]
    fn what_comes_in_meanwhile_may_be_of_any_time_that_it_can_be() {
        let latest = |wall| {
            let judge = started(wall);
            second(judge.latest(reading(wall, 0)))
        };
        assert_eq!(latest(60), 60);
        assert_eq!(latest(21 * DAY), 21 * DAY, "it may be right");
        assert_eq!(latest(-400 * DAY), 31 * DAY, "the service may have been off for long");
    }
}
