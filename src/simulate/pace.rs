//! How the time of a run follows the time of the world.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Time;

/// How often something is sent.
const TICK: Duration = Duration::from_millis(250);

/// Steps through time, waiting as the speed asks.
#[derive(Debug)]
pub struct Pace {
    steps: Steps,
    began: Instant,
}

impl Pace {
    /// From `start`, `speed` times as fast as life; 0 does not wait at all and
    /// steps by `step_ms`. One that `keeps_up` catches up after a delay, in
    /// steps of at most `step_ms`; another goes on from where it was.
    #[must_use]
    pub fn new(start: Time, speed: f64, step_ms: i64, keeps_up: bool) -> Self {
        let steps =
            Steps { now: start, speed, step_ms: step_ms.max(1), keeps_up, shift_ms: 0, start };
        Self { steps, began: Instant::now() }
    }

    /// Waits and gives the end of the next step, later than the last.
    pub async fn next(&mut self) -> Time {
        tokio::time::sleep(self.steps.wait(self.began.elapsed())).await;
        self.steps.next(self.began.elapsed())
    }
}

/// The steps by themselves: a function of how much time of the world has passed.
#[derive(Debug)]
struct Steps {
    start: Time,
    now: Time,
    speed: f64,
    step_ms: i64,
    keeps_up: bool,
    /// Time lost and not made up for, ms of the run.
    shift_ms: i64,
}

impl Steps {
    fn tick_ms(&self) -> i64 {
        millis(TICK.as_secs_f64() * self.speed).max(1)
    }

    /// Where the run should be.
    fn aim(&self, passed: Duration) -> Time {
        self.start + millis(passed.as_secs_f64() * self.speed) - self.shift_ms
    }

    /// How long to wait before the next step.
    fn wait(&self, passed: Duration) -> Duration {
        if self.speed <= 0.0 {
            return Duration::ZERO;
        }
        let ahead_ms = self.now + self.tick_ms() - self.aim(passed);
        #[expect(clippy::cast_precision_loss, reason = "at most a tick")]
        let rest_s = ahead_ms.max(0) as f64 / 1000.0;
        Duration::try_from_secs_f64(rest_s / self.speed).unwrap_or(TICK)
    }

    fn next(&mut self, passed: Duration) -> Time {
        if self.speed <= 0.0 {
            self.now = self.now + self.step_ms;
            return self.now;
        }
        let tick_ms = self.tick_ms();
        let aim = self.aim(passed).max(self.now + tick_ms);
        let longest_ms = if self.keeps_up { tick_ms.max(self.step_ms) } else { 4 * tick_ms };
        let late_ms = aim - (self.now + longest_ms);
        if late_ms > 0 && !self.keeps_up {
            self.shift_ms += late_ms;
        }
        self.now = aim.min(self.now + longest_ms);
        self.now
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(speed: f64, keeps_up: bool) -> Steps {
        let start = Time::from_ms(0);
        Steps { start, now: start, speed, step_ms: 60_000, keeps_up, shift_ms: 0 }
    }

    #[test]
    fn a_minute_of_life_is_an_hour_at_sixty_times_its_speed() {
        let mut steps = steps(60.0, false);
        let (mut passed, mut now) = (Duration::ZERO, Time::from_ms(0));
        while now < Time::from_ms(3_600_000) {
            passed += steps.wait(passed) + Duration::from_millis(3);
            let next = steps.next(passed);
            assert!(next > now);
            now = next;
        }
        assert!((59.0..61.0).contains(&passed.as_secs_f64()), "{passed:?}");
    }

    #[test]
    fn after_a_long_wait_a_driven_run_goes_on_from_where_it_was() {
        let mut steps = steps(60.0, false);
        let passed = Duration::from_mins(10);
        assert_eq!(steps.next(passed), Time::from_ms(60_000));
        let passed = passed + steps.wait(passed);
        assert_eq!(steps.next(passed), Time::from_ms(75_000));
    }

    #[test]
    fn after_a_long_wait_a_run_by_the_clock_catches_up_in_steps() {
        let mut steps = steps(1.0, true);
        let passed = Duration::from_secs(150);
        assert_eq!(steps.next(passed), Time::from_ms(60_000));
        assert_eq!(steps.wait(passed), Duration::ZERO);
        assert_eq!(steps.next(passed), Time::from_ms(120_000));
        assert_eq!(steps.next(passed), Time::from_ms(150_000));
    }

    #[test]
    fn without_waiting_each_step_is_as_long_as_asked() {
        let mut steps = steps(0.0, false);
        assert_eq!(steps.wait(Duration::ZERO), Duration::ZERO);
        assert_eq!(steps.next(Duration::ZERO), Time::from_ms(60_000));
    }
}
