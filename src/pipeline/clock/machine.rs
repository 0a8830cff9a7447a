//! The machine's clock, and what is made of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::domain::Time;

use super::doubt::Doubt;
use super::judge::{Judge, Reading};
use super::synchronised::{self, STAMP};
use super::wall;

/// The machine's clock, held against all that says whether it is right.
pub struct Machine {
    read: Box<dyn Fn() -> Reading + Send + Sync>,
    /// Touched by the system when it has synchronised the clock; none is asked for.
    stamp: Option<PathBuf>,
    /// Locked to read and judge; every request does so once.
    judge: Mutex<Judge>,
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face {
    /// The time.
    pub now: Time,
    /// The latest time that it can be: the same, unless there is a doubt.
    pub latest: Time,
    /// Why the machine's clock is not believed.
    pub doubt: Option<Doubt>,
}

impl Machine {
    /// That of this machine.
    #[must_use]
    pub fn here() -> Self {
        let begun = Instant::now();
        let read = move || Reading { wall: wall(), steady: begun.elapsed() };
        Self { stamp: Some(PathBuf::from(STAMP)), ..Self::new(read) }
    }

    /// By readings of a machine's clocks, the first of which is held against nothing.
    #[must_use]
    pub fn new(read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        let judge = Mutex::new(Judge::new(read()));
        Self { read: Box::new(read), stamp: None, judge }
    }

    /// Holds it against the end of a log, and against what the system says.
    pub fn begin(&self, log: Option<Time>) {
        let (mut judge, reading) = self.look();
        if self.is_vouched_for(reading) {
            judge.believe(reading);
        } else {
            judge.begin(log, reading);
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Time {
        let (mut judge, reading) = self.look();
        judge.judge(reading)
    }

    /// What it shows.
    #[must_use]
    pub fn face(&self) -> Face {
        let (mut judge, reading) = self.look();
        let now = judge.judge(reading);
        Face { now, latest: judge.latest(reading), doubt: judge.doubt(reading) }
    }

    /// Why it is not believed.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.face().doubt
    }

    /// Asks the system whether what it shows is right, while that is doubted; whether
    /// there is a doubt still.
    pub(super) fn ask_system(&self) -> bool {
        if self.doubt().is_none() {
            return false;
        }
        let (mut judge, reading) = self.look();
        if self.is_vouched_for(reading) {
            tracing::info!(now = %reading.wall, "the system has synchronised the clock");
            judge.believe(reading);
            return false;
        }
        true
    }

    /// An operator says what time it is; whether the clock shows that, and is believed.
    pub(in crate::pipeline) fn is_told(&self, now: Time) -> bool {
        let (mut judge, reading) = self.look();
        let agrees = (reading.wall - now).abs() <= super::LEAP_MS;
        if agrees {
            tracing::info!(now = %reading.wall, "the operator says that the clock is right");
            judge.believe(reading);
        }
        agrees
    }

    pub(super) fn hear(&self, times: impl Iterator<Item = Time>) {
        let (mut judge, reading) = self.look();
        judge.hear(times, reading);
    }

    fn is_vouched_for(&self, reading: Reading) -> bool {
        let stamp = self.stamp.as_deref();
        stamp.is_some_and(|stamp: &Path| synchronised::vouches(stamp, reading.wall))
    }

    fn look(&self) -> (MutexGuard<'_, Judge>, Reading) {
        let judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        (judge, (self.read)())
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("judge", &self.judge).finish_non_exhaustive()
    }
}
