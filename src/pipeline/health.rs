//! Whether what comes in can be stored.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Time;

use super::gather::Sealed;

/// After so long without a commit it is tried whether one would go through.
const QUIET: Duration = Duration::from_millis(900);

/// A store that has taken nothing for so long does not work, whatever it says.
const OLD: Duration = Duration::from_secs(5);

/// When the store last showed that it takes what comes in.
#[derive(Debug)]
pub struct Health {
    /// When it had last taken all there was.
    proven: Instant,
    /// When it last took anything.
    took: Instant,
    /// Whether the last commit failed: only one that writes proves anything then.
    failed: bool,
    /// Whether that was not for what was in it.
    away: bool,
    /// Whether it is time for a proof.
    wanted: bool,
}

impl Health {
    /// Of a store that works.
    pub const fn proven(now: Instant) -> Self {
        Self { proven: now, took: now, failed: false, away: false, wanted: false }
    }

    /// A commit failed, because the store is away or for what was in it.
    pub const fn failed(&mut self, away: bool) {
        self.failed = true;
        self.away = away;
    }

    /// A commit went through. What is shown is of now only if `all` is in the store.
    pub const fn committed(&mut self, now: Instant, all: bool) {
        let proven = if all { now } else { self.proven };
        *self = Self { proven, took: now, failed: false, away: false, wanted: false };
    }

    /// Whether the store works, as far as is known.
    pub fn works(&self, now: Instant) -> bool {
        !self.failed && !self.is_silent(now)
    }

    /// Whether the store has not answered for long.
    pub fn is_silent(&self, now: Instant) -> bool {
        now - self.took >= OLD
    }

    /// Whether no commit has gone through since one failed.
    pub const fn is_failing(&self) -> bool {
        self.failed
    }

    /// Whether the store was away when one last failed.
    pub const fn is_away(&self) -> bool {
        self.away
    }

    /// How long ago the store last showed that it takes what comes in.
    pub fn age(&self, now: Instant) -> Duration {
        now - self.proven
    }

    /// Once a second: wants a proof when there was none of late.
    pub fn beat(&mut self, now: Instant) {
        self.wanted = self.age(now) >= QUIET;
    }

    /// A batch whose commit is a proof, if one is wanted: an empty one, which
    /// leaves no trace, unless a commit has failed. `at` is the server's time.
    pub fn proof(&mut self, at: Time) -> Option<Sealed> {
        if !std::mem::take(&mut self.wanted) {
            return None;
        }
        Some(if self.failed { Sealed::tick(at) } else { Sealed::empty(at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_store_is_tried_and_one_that_failed_must_write() {
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut health = Health::proven(begun);
        let tried = |health: &mut Health, seconds| {
            health.beat(after(seconds));
            let proofs = [(); 2].map(|()| health.proof(Time::default()));
            proofs.map(|proof| proof.map(|proof| proof.events()))
        };
        assert_eq!(tried(&mut health, 0), [None, None], "it works");
        assert_eq!(tried(&mut health, 1), [Some(0), None], "once a beat");
        health.failed(true);
        assert_eq!(tried(&mut health, 6), [Some(1), None]);
        assert_eq!(health.age(after(6)), Duration::from_secs(6));
    }
}
