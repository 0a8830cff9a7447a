//! How much one address may send.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

use super::error::IngestError;

/// Between two sweeps of addresses that have been quiet for a second.
const SWEEP_EVERY: u32 = 4_096;

/// Counts items by address.
#[derive(Debug)]
pub struct Rate {
    limiter: DefaultKeyedRateLimiter<u64>,
    clock: DefaultClock,
    asked: AtomicU32,
}

impl Rate {
    /// So many items a second, and a second's worth (but at least the largest
    /// batch there may be) at once.
    pub fn new(limits: &Limits) -> Self {
        let at_least_one = |items: u32| NonZeroU32::new(items).unwrap_or(NonZeroU32::MIN);
        let batch = u32::try_from(limits.batch_items).unwrap_or(u32::MAX);
        let quota = Quota::per_second(at_least_one(limits.items_per_second))
            .allow_burst(at_least_one(limits.items_per_second.max(batch)));
        Self {
            limiter: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
        }
    }

    /// Lets a batch pass, or says when it may come again.
    pub fn check(&self, from: IpAddr, items: usize) -> Result<(), IngestError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let Some(items) = NonZeroU32::new(u32::try_from(items).unwrap_or(u32::MAX)) else {
            return Ok(());
        };
        match self.limiter.check_key_n(&key(from), items) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(IngestError::TooFast {
                retry_after: not_until.wait_time_from(self.clock.now()),
            }),
            // A batch is never larger than the burst.
            Err(_) => Err(IngestError::TooFast { retry_after: Duration::from_secs(1) }),
        }
    }
}

/// An address of IPv4, or the network of one of IPv6: a sender has all of it.
fn key(from: IpAddr) -> u64 {
    match from.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        // Global networks begin at 2000::, beyond all of IPv4.
        IpAddr::V6(address) => {
            u64::from_be_bytes(address.octets()[..8].try_into().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_share() {
        let limits = Limits { items_per_second: 10, batch_items: 8, ..Limits::default() };
        let rate = Rate::new(&limits);
        let (one, other) = ("127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap());
        rate.check(one, 8).unwrap();
        let Err(IngestError::TooFast { retry_after }) = rate.check(one, 8) else { panic!() };
        assert!(retry_after <= Duration::from_millis(600), "{retry_after:?}");
        rate.check(other, 8).unwrap();
        rate.check(other, 0).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_is_one_sender() {
        let key = |text: &str| key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }
}
