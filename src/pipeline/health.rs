//! Whether what comes in can be stored.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Time;

use super::gather::Sealed;

/// After so long without a commit it is tried whether one would go through.
const QUIET: Duration = Duration::from_millis(900);

/// When the store last showed that it takes what comes in.
#[derive(Debug)]
pub struct Health {
    proven: Instant,
    /// Whether the last commit failed: only one that writes proves anything then.
    failed: bool,
    /// Whether it is time for a proof.
    wanted: bool,
}

impl Health {
    /// Of a store that works.
    pub const fn proven(now: Instant) -> Self {
        Self { proven: now, failed: false, wanted: false }
    }

    /// A commit failed.
    pub const fn failed(&mut self) {
        self.failed = true;
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
        health.failed();
        assert_eq!(tried(&mut health, 6), [Some(1), None]);
        assert_eq!(health.age(after(6)), Duration::from_secs(6));
    }
}
