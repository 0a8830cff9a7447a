//! How often a password, or a wall's code, may be tried.
//!
//! Counted by what is guessed at and the place together, so that one who guesses from
//! a desk of a centre slows down that account at that address and nobody else behind
//! it; by what is guessed at alone, with more patience and a short wait, against many
//! addresses that guess at one; and by address alone, well above what a centre does at
//! a change of shifts, against one that tries every name. A device from which somebody
//! has signed in before is a place of its own: whoever guesses elsewhere, or behind the
//! same address, does not shut it out.

use std::collections::HashMap;
use std::hash::Hash;

use crate::access::AccountId;
use crate::domain::Time;
use crate::store::audit::Who;

use super::device::Mark;
use super::network::Network;

/// Tries that cost no wait.
const FREE_AT_PLACE: u32 = 5;
const FREE_OF_SUBJECT: u32 = 20;

/// The longest waits, in ms.
const LONGEST_AT_PLACE_MS: i64 = 15 * 60_000;
const LONGEST_OF_SUBJECT_MS: i64 = 60_000;

/// Denied deeds of one viewer that are written a minute.
const DENIALS_A_MINUTE: u32 = 60;

/// Refusals of those who have not signed in that are written a minute, of all together;
/// a flood is summed up instead.
const STRANGERS_A_MINUTE: u32 = 20;

/// Tries older than this are forgotten, in ms.
const FORGET_MS: i64 = 3_600_000;

/// Between two looks for what can be forgotten, in ms.
const SWEEP_MS: i64 = 60_000;

/// Entries kept of each kind; beyond that the oldest half goes.
const KEPT: usize = 20_000;

/// What is guessed at. Each kind is counted by itself, whatever a name looks like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The password behind a name, which is no longer than a name may be.
    Name(Box<str>),
    /// A wall's code, by an account.
    Codes(AccountId),
    /// An account's own password, by who has signed in to it.
    Password(AccountId),
    /// The code of an account's second factor, by who has its password.
    Factor(AccountId),
}

impl Subject {
    /// The longest wait of all who guess at it. A code has six digits, and who guesses at
    /// it has the password: he waits long, wherever he is, and the account's owner has a
    /// device that is known.
    const fn longest_ms(&self) -> i64 {
        match self {
            Self::Factor(_) => LONGEST_AT_PLACE_MS,
            Self::Name(_) | Self::Codes(_) | Self::Password(_) => LONGEST_OF_SUBJECT_MS,
        }
    }
}

/// From where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Anywhere.
    Network(Network),
    /// A device from which the account was signed in to before.
    Device(Mark),
}

/// What is asked by who has not signed in; each has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Errand {
    /// To sign in by a password.
    SignIn,
    /// To leave for a provider, or come back from it.
    Provider,
    /// A code for a wall.
    WallCode,
    /// What came of a wall's code: every wall asks every few seconds.
    WallClaim,
    /// To have a request carried out once.
    Request,
}

impl Errand {
    /// So many a minute from one network.
    const fn a_minute(self) -> u32 {
        match self {
            Self::SignIn | Self::Provider | Self::Request => 240,
            Self::WallCode => 60,
            Self::WallClaim => 1_200,
        }
    }
}

/// What was tried lately.
#[derive(Debug, Default)]
pub struct Throttle {
    at_place: HashMap<(Subject, Place), Tries>,
    of_subject: HashMap<Subject, Tries>,
    errands: HashMap<(Errand, Network), Minute>,
    denials: HashMap<String, Minute>,
    strangers: Summed,
    swept: Time,
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

/// What is written so often a minute, and how many more there were.
#[derive(Debug, Default)]
struct Summed {
    minute: Minute,
    more: u32,
}

impl Throttle {
    /// Counts a try before it is made, so that many at once do not slip through.
    ///
    /// # Errors
    /// How long to wait, in ms; then it was not counted.
    pub fn begin(&mut self, subject: &Subject, place: Place, now: Time) -> Result<(), i64> {
        self.sweep(now);
        let pair = (subject.clone(), place);
        let at_place = self.at_place.get(&pair).copied().unwrap_or_default();
        let mut until = at_place.until(FREE_AT_PLACE, LONGEST_AT_PLACE_MS);
        if let Place::Network(_) = place {
            let of_subject = self.of_subject.get(subject).copied().unwrap_or_default();
            until = until.max(of_subject.until(FREE_OF_SUBJECT, subject.longest_ms()));
        }
        if now < until {
            return Err(until - now);
        }
        if let Place::Network(network) = place {
            if let Subject::Name(_) = subject {
                self.count_errand(Errand::SignIn, network, now)?;
            }
            self.of_subject.entry(subject.clone()).or_default().count(now);
        }
        self.at_place.entry(pair).or_default().count(now);
        Ok(())
    }

    /// Counts what somebody asks who has not signed in, by network alone.
    ///
    /// # Errors
    /// How long to wait, in ms.
    pub fn count_errand(&mut self, errand: Errand, from: Network, now: Time) -> Result<(), i64> {
        self.sweep(now);
        let before = self.errands.entry((errand, from)).or_default().begin(now);
        if *before >= errand.a_minute() {
            return Err((Minute::of(now) + 1) * 60_000 - now.ms());
        }
        *before += 1;
        Ok(())
    }

    /// Counts that a viewer may not do something; whether it is to be written.
    pub fn count_denial(&mut self, who: &Who, now: Time) -> bool {
        self.sweep(now);
        let denials = self.denials.entry(who.principal()).or_default().begin(now);
        *denials = denials.saturating_add(1);
        *denials <= DENIALS_A_MINUTE
    }

    /// Counts that something was refused to one who has not signed in; whether it is to
    /// be written, rather than summed up.
    pub fn count_stranger(&mut self, now: Time) -> bool {
        let so_many = self.strangers.minute.begin(now);
        *so_many = so_many.saturating_add(1);
        let written = *so_many <= STRANGERS_A_MINUTE;
        self.strangers.more += u32::from(!written);
        written
    }

    /// How many refusals were not written in the minutes that are over; each is told of
    /// once.
    pub fn strangers_summed(&mut self, now: Time) -> u32 {
        let over = self.strangers.minute.of != Minute::of(now);
        if over { std::mem::take(&mut self.strangers.more) } else { 0 }
    }

    /// The secret was right: what was tried from there is forgiven.
    pub fn succeeded(&mut self, subject: &Subject, place: Place) {
        let gone = self.at_place.remove(&(subject.clone(), place));
        if let (Some(gone), Place::Network(_)) = (gone, place)
            && let Some(tries) = self.of_subject.get_mut(subject)
        {
            tries.count = tries.count.saturating_sub(gone.count);
        }
    }

    /// Forgets what is old, from time to time; and whoever makes up names or addresses
    /// faster than that drives out the oldest.
    fn sweep(&mut self, now: Time) {
        let due = now - self.swept >= SWEEP_MS || now < self.swept;
        if due {
            self.swept = now;
        }
        let minute = Minute::of(now);
        drop_old(&mut self.at_place, due, now - FORGET_MS, |tries| tries.last);
        drop_old(&mut self.of_subject, due, now - FORGET_MS, |tries| tries.last);
        drop_old(&mut self.errands, due, minute, |counted| counted.of);
        drop_old(&mut self.denials, due, minute, |counted| counted.of);
    }
}

fn drop_old<K: Hash + Eq, V, A: Ord + Copy>(
    all: &mut HashMap<K, V>,
    due: bool,
    oldest: A,
    age: impl Fn(&V) -> A,
) {
    if due {
        all.retain(|_, counted| age(counted) >= oldest);
    }
    if all.len() >= KEPT {
        let mut ages: Vec<_> = all.values().map(&age).collect();
        let half = *ages.select_nth_unstable(KEPT / 2).1;
        let mut spare = KEPT / 2;
        all.retain(|_, counted| {
            // Of those as old as the middle one, only as many as there is room for.
            age(counted) > half
                || (age(counted) == half && spare > 0 && {
                    spare -= 1;
                    true
                })
        });
    }
}

#[cfg(test)]
mod tests;
