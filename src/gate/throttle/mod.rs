//! How often a password may be tried.
//!
//! Counted by account and address together, so that one who guesses from a desk
//! of a centre slows down that account at that address and nobody else behind
//! it; by account alone, with more patience and a short wait, against many
//! addresses that guess at one; and by address alone, well above what a centre
//! does at a change of shifts, against one that tries every name.

use std::hash::Hash;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::domain::Time;
use crate::store::audit::Who;

/// Tries that cost no wait.
const FREE_AT_ADDRESS: u32 = 5;
const FREE_OF_ACCOUNT: u32 = 20;

/// The longest waits, in ms.
const LONGEST_AT_ADDRESS_MS: i64 = 15 * 60_000;
const LONGEST_OF_ACCOUNT_MS: i64 = 60_000;

/// Tries a minute from one address, whatever the names.
const A_MINUTE: u32 = 240;

/// Denied deeds of one viewer that are written a minute.
const DENIALS_A_MINUTE: u32 = 60;

/// Tries older than this are forgotten, in ms.
const FORGET_MS: i64 = 3_600_000;

/// Entries kept; beyond that the old ones are looked for and dropped.
const KEPT: usize = 20_000;

/// What was tried lately.
#[derive(Debug, Default)]
pub struct Throttle {
    at_address: FxHashMap<(String, IpAddr), Tries>,
    of_account: FxHashMap<String, Tries>,
    addresses: FxHashMap<IpAddr, Minute>,
    denials: FxHashMap<String, Minute>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    count: u32,
    last: Time,
}

impl Tries {
    /// Until when the next one must wait.
    fn until(self, free: u32, longest_ms: i64) -> Time {
        let over = self.count.saturating_sub(free);
        if over == 0 {
            return Time::default();
        }
        let wait = 1_000_i64.checked_shl(over - 1).filter(|wait| *wait > 0);
        self.last + wait.unwrap_or(longest_ms).min(longest_ms)
    }

    fn count(&mut self, now: Time) {
        if now - self.last > FORGET_MS {
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        self.last = now;
    }
}

/// What was counted in one minute.
#[derive(Clone, Copy, Debug, Default)]
struct Minute {
    of: i64,
    count: u32,
}

impl Minute {
    fn of(now: Time) -> i64 {
        now.ms().div_euclid(60_000)
    }

    /// So many before now, in this minute.
    fn begin(&mut self, now: Time) -> &mut u32 {
        if self.of != Self::of(now) {
            *self = Self { of: Self::of(now), count: 0 };
        }
        &mut self.count
    }
}

impl Throttle {
    /// Counts a try before it is made, so that many at once do not slip through.
    ///
    /// # Errors
    /// How long to wait, in ms; then it was not counted.
    pub fn begin(&mut self, name: &str, from: IpAddr, now: Time) -> Result<(), i64> {
        self.sweep(now);
        let pair = (name.to_owned(), from);
        let at_address = self.at_address.get(&pair).copied().unwrap_or_default();
        let of_account = self.of_account.get(name).copied().unwrap_or_default();
        let until = at_address
            .until(FREE_AT_ADDRESS, LONGEST_AT_ADDRESS_MS)
            .max(of_account.until(FREE_OF_ACCOUNT, LONGEST_OF_ACCOUNT_MS));
        if now < until {
            return Err(until - now);
        }
        self.count_address(from, now)?;
        self.at_address.entry(pair).or_default().count(now);
        self.of_account.entry(name.to_owned()).or_default().count(now);
        Ok(())
    }

    /// Counts what somebody asks who has not signed in, by address alone.
    ///
    /// # Errors
    /// How long to wait, in ms.
    pub fn count_address(&mut self, from: IpAddr, now: Time) -> Result<(), i64> {
        self.sweep(now);
        let tries = self.addresses.entry(from).or_default().begin(now);
        if *tries >= A_MINUTE {
            return Err((Minute::of(now) + 1) * 60_000 - now.ms());
        }
        *tries += 1;
        Ok(())
    }

    /// Counts that a viewer may not do something; whether it is to be written.
    pub fn count_denial(&mut self, who: &Who, now: Time) -> bool {
        let denials = self.denials.entry(who.principal()).or_default().begin(now);
        *denials = denials.saturating_add(1);
        *denials <= DENIALS_A_MINUTE
    }

    /// The password was right: what was tried from there is forgiven.
    pub fn succeeded(&mut self, name: &str, from: IpAddr) {
        let gone = self.at_address.remove(&(name.to_owned(), from));
        if let (Some(gone), Some(tries)) = (gone, self.of_account.get_mut(name)) {
            tries.count = tries.count.saturating_sub(gone.count);
        }
    }

    fn sweep(&mut self, now: Time) {
        fn drop_old<K: Hash + Eq>(tries: &mut FxHashMap<K, Tries>, now: Time) {
            if tries.len() >= KEPT {
                tries.retain(|_, tries| now - tries.last <= FORGET_MS);
            }
            if tries.len() >= KEPT {
                // Somebody makes names up faster than they are forgotten: keep what
                // is being waited for.
                tries.retain(|_, tries| tries.count > FREE_AT_ADDRESS);
            }
        }
        drop_old(&mut self.at_address, now);
        drop_old(&mut self.of_account, now);
        if self.addresses.len() >= KEPT {
            self.addresses.retain(|_, minute| minute.of == Minute::of(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    /// Tries until refused; how often, and the wait then.
    fn wear_out(throttle: &mut Throttle, name: &str, from: u8, now: Time) -> (u32, i64) {
        let mut tries = 0;
        loop {
            match throttle.begin(name, address(from), now) {
                Ok(()) => tries += 1,
                Err(wait) => return (tries, wait),
            }
        }
    }

    #[test]
    fn who_guesses_waits_longer_each_time() {
        let mut throttle = Throttle::default();
        let mut now = Time::from_ms(60_000_000);
        assert_eq!(wear_out(&mut throttle, "li", 1, now), (6, 1_000));
        let mut waits = Vec::new();
        let mut wait = 1_000;
        for _ in 0..12 {
            now = now + wait;
            throttle.begin("li", address(1), now).unwrap();
            wait = throttle.begin("li", address(1), now).unwrap_err();
            waits.push(wait);
        }
        assert_eq!(waits[..3], [2_000, 4_000, 8_000]);
        assert_eq!(waits.last(), Some(&LONGEST_AT_ADDRESS_MS));
    }

    #[test]
    fn others_behind_the_same_address_are_not_locked_out() {
        let mut throttle = Throttle::default();
        let now = Time::from_ms(60_000_000);
        wear_out(&mut throttle, "li", 1, now);
        assert!(throttle.begin("wang", address(1), now).is_ok());
        assert!(throttle.begin("li", address(2), now).is_ok(), "nor is the account elsewhere");
    }

    #[test]
    fn many_addresses_that_guess_at_one_account_are_slowed_down_together() {
        let mut throttle = Throttle::default();
        let now = Time::from_ms(60_000_000);
        for from in 0..21 {
            throttle.begin("li", address(from), now).unwrap();
        }
        assert_eq!(throttle.begin("li", address(99), now), Err(1_000));
        assert!(throttle.begin("wang", address(99), now).is_ok());
    }

    #[test]
    fn one_address_that_tries_every_name_is_stopped() {
        let mut throttle = Throttle::default();
        let now = Time::from_ms(60_000_000);
        for at in 0..A_MINUTE {
            throttle.begin(&at.to_string(), address(1), now).unwrap();
        }
        assert!(throttle.begin("another", address(1), now).is_err());
        assert!(throttle.begin("another", address(2), now).is_ok());
        assert!(throttle.begin("another", address(1), now + 60_000).is_ok());
    }

    #[test]
    fn the_right_password_forgives() {
        let mut throttle = Throttle::default();
        let now = Time::from_ms(60_000_000);
        for _ in 0..5 {
            throttle.begin("li", address(1), now).unwrap();
        }
        throttle.succeeded("li", address(1));
        assert_eq!(wear_out(&mut throttle, "li", 1, now).0, 6);
        let later = now + FORGET_MS + 60_000;
        assert!(throttle.begin("li", address(1), later).is_ok());
        assert_eq!(throttle.of_account["li"].count, 1);
    }
}
