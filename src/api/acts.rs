//! How often an account may act: what people do stays for ever, in the log and in the
//! history of what they do it to.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::access::AccountId;

/// Acts a minute, and at once.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Between two sweeps of accounts that have been quiet for a minute.
const SWEEP_EVERY: u32 = 1_024;

/// Counts acts by account.
#[derive(Debug)]
pub struct Acts {
    limiter: DefaultKeyedRateLimiter<AccountId>,
    clock: DefaultClock,
    asked: AtomicU32,
}

impl Default for Acts {
    fn default() -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(A_MINUTE));
        Self { limiter, clock: DefaultClock::default(), asked: AtomicU32::new(0) }
    }
}

impl Acts {
    /// Lets an act pass, or says in how many seconds it may come again.
    pub fn check(&self, of: AccountId) -> Result<(), u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&of).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_secs();
            u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_its_own_share() {
        let acts = Acts::default();
        for _ in 0..A_MINUTE.get() {
            acts.check(AccountId(1)).unwrap();
        }
        assert!((1..=2).contains(&acts.check(AccountId(1)).unwrap_err()));
        acts.check(AccountId(2)).unwrap();
    }
}
