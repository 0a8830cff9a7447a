//! Passwords: what is asked of one, and hashing it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier, try_generate_salt};
use tokio::sync::Semaphore;

use crate::store::check_hash;

use super::error::GateError;
use super::hasher::{Buffers, Hasher};
use super::lock;
use super::network::Network;

/// Passwords of strangers, and of those who are known, hashed at once: one core of a
/// small machine, and 19 MiB each.
const AT_ONCE: usize = 2;
const KNOWN_AT_ONCE: usize = 1;

/// Passwords of strangers that may wait for their turn, or have one: in all, some
/// seconds' worth, and of one network.
const STRANGERS: usize = 128;
const OF_NETWORK: usize = 32;

/// Passwords of those who are known that may.
const KNOWN: usize = 64;

/// Characters of a password.
const SHORTEST: usize = 10;
const LONGEST: usize = 200;

/// From so many characters on it need not be a mixture.
const LONG: usize = 16;

/// Characters that are looked at for patterns, and the guesses (as a power of ten) that a
/// password must withstand: with 240 tries a minute that is 800 years, and with a stolen
/// hash and a machine that tries 10,000 a second some months.
const GUESSED: usize = 64;
const GUESSES_LOG10: f64 = 10.0;

/// Checked in place of the hash of a name that nobody has, so that the answer
/// takes as long; no password has it.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                       $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords by argon2id with 19 MiB, two passes, one lane (OWASP's
/// minimum, and the crate's default), a few at a time and beside the tasks that
/// serve, in as many buffers.
#[derive(Debug)]
pub struct Passwords {
    strangers: Arc<Semaphore>,
    /// Turns of their own, for which no stranger waits.
    known: Arc<Semaphore>,
    waiting: Arc<Mutex<Waiting>>,
    buffers: Arc<Buffers>,
}

/// For whom a password is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Somebody who has not signed in, from a network.
    Stranger(Network),
    /// Somebody who has signed in, or is at a device from which they did before.
    Known,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            strangers: Arc::new(Semaphore::new(AT_ONCE)),
            known: Arc::new(Semaphore::new(KNOWN_AT_ONCE)),
            waiting: Arc::default(),
            buffers: Arc::default(),
        }
    }
}

impl Passwords {
    /// Hashes a password.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn hash(&self, password: String) -> Result<String, GateError> {
        self.in_turn(Lane::Known, move |hasher| {
            let salt = try_generate_salt().map_err(|why| GateError::Hash(why.to_string()))?;
            let hash = hasher
                .hash_password_with_params(password.as_bytes(), &salt, Params::default())
                .map_err(|why| GateError::Hash(why.to_string()))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password is the one of a hash; of no hash it never is, and that
    /// takes as long to find out.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        lane: Lane,
    ) -> Result<bool, GateError> {
        self.in_turn(lane, move |hasher| {
            // What somebody wrote into the store must not cost a sign-in all memory.
            let hash = hash.filter(|hash| check_hash(hash).is_ok());
            let hash = hash.as_deref().unwrap_or(NOBODYS);
            let hash = PasswordHash::new(hash).map_err(|why| GateError::Hash(why.to_string()))?;
            Ok(hasher.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&Hasher) -> Result<T, GateError> + Send + 'static,
    ) -> Result<T, GateError> {
        let waits = Waits::join(&self.waiting, lane).ok_or(GateError::Busy)?;
        let turns = if lane == Lane::Known { &self.known } else { &self.strangers };
        // The semaphores are never closed.
        let turn = Arc::clone(turns).acquire_owned().await.map_err(|_closed| GateError::Busy)?;
        let buffers = Arc::clone(&self.buffers);
        let done = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone before it is done: the turn is over only then.
            let _kept = (waits, turn);
            buffers.with(work)
        });
        let done = done.await;
        done.map_err(|why| GateError::Hash(why.to_string()))?
    }
}

/// Who waits, or has a turn.
#[derive(Debug, Default)]
struct Waiting {
    known: usize,
    strangers: usize,
    by_network: HashMap<Network, usize>,
}

/// One who does.
struct Waits(Arc<Mutex<Waiting>>, Lane);

impl Waits {
    fn join(all: &Arc<Mutex<Waiting>>, lane: Lane) -> Option<Self> {
        let mut waiting = lock(all);
        match lane {
            Lane::Known if waiting.known < KNOWN => waiting.known += 1,
            Lane::Stranger(network) if waiting.strangers < STRANGERS => {
                let of_network = waiting.by_network.get(&network).copied().unwrap_or(0);
                if of_network >= OF_NETWORK {
                    return None;
                }
                waiting.by_network.insert(network, of_network + 1);
                waiting.strangers += 1;
            }
            _ => return None,
        }
        drop(waiting);
        Some(Self(Arc::clone(all), lane))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0);
        match self.1 {
            Lane::Known => waiting.known -= 1,
            Lane::Stranger(network) => {
                waiting.strangers -= 1;
                match waiting.by_network.get_mut(&network) {
                    Some(1) | None => drop(waiting.by_network.remove(&network)),
                    Some(many) => *many -= 1,
                }
            }
        }
    }
}

/// Whether a password may be chosen: long, or of medium length and mixed, without the
/// name in it, and not soon guessed by who knows common passwords, patterns of the
/// keyboard, and the words that are `guessable` here.
pub fn check(
    field: &'static str,
    password: &str,
    name: &str,
    guessable: &[String],
) -> Result<(), GateError> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        let reason = format!("must be {SHORTEST} to {LONGEST} characters");
        return Err(GateError::field(field, reason));
    }
    let kinds: [fn(char) -> bool; 5] = [
        |c| c.is_lowercase(),
        |c| c.is_uppercase(),
        |c| c.is_numeric() && !is_han(c),
        is_han,
        |c| !(c.is_lowercase() || c.is_uppercase() || c.is_numeric() || is_han(c)),
    ];
    let mixed = kinds.into_iter().filter(|kind| password.chars().any(kind)).count() >= 3;
    // A Chinese character is one of thousands, and typed as several letters.
    let weight = length + password.chars().filter(|c| is_han(*c)).count();
    if weight < LONG && !mixed {
        let reason = format!(
            "must be of {LONG} characters or more (a Chinese one counts as two), or mix three \
             of: small letters, capitals, digits, Chinese characters, others"
        );
        return Err(GateError::field(field, reason));
    }
    let mut letters: Vec<_> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 {
        return Err(GateError::field(field, "must have at least five different characters"));
    }
    if name.chars().count() >= 3 && password.to_lowercase().contains(&name.to_lowercase()) {
        return Err(GateError::field(field, "must not hold the name"));
    }
    let known: Vec<&str> = guessable.iter().map(String::as_str).chain([name]).collect();
    // The guessing looks at some hundred characters at most.
    let start: String = password.chars().take(GUESSED).collect();
    if zxcvbn::zxcvbn(&start, &known).guesses_log10() < GUESSES_LOG10 {
        let reason = "is soon guessed: it is common, a pattern, or made of names and words that \
                      are known here";
        return Err(GateError::field(field, reason));
    }
    Ok(())
}

/// Whether a character is a Chinese one.
const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let passwords = Passwords::default();
        let hash = passwords.hash("长江-2026-Delta".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let is = async |password: &str, hash: Option<&String>| {
            passwords.verify(password.into(), hash.cloned(), Lane::Known).await.unwrap()
        };
        assert!(is("长江-2026-Delta", Some(&hash)).await);
        assert!(!is("长江-2026-delta", Some(&hash)).await);
        assert!(!is("", None).await);
        assert_ne!(passwords.hash("长江-2026-Delta".into()).await.unwrap(), hash, "salted");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn however_many_try_at_once_the_memory_they_are_hashed_in_has_a_bound() {
        let passwords = Arc::new(Passwords::default());
        let mut tries = tokio::task::JoinSet::new();
        for at in 0..24 {
            let passwords = Arc::clone(&passwords);
            let network = std::net::IpAddr::from([10, 0, 0, at]).into();
            let lane = if at % 3 == 0 { Lane::Known } else { Lane::Stranger(network) };
            tries.spawn(async move { passwords.verify("guess".into(), None, lane).await.unwrap() });
        }
        assert!(tries.join_all().await.iter().all(|right| !right));
        let (buffers, blocks) = passwords.buffers.held();
        let (most, each) = (AT_ONCE + KNOWN_AT_ONCE, Params::DEFAULT_M_COST as usize);
        assert!((1..=most).contains(&buffers), "{buffers}");
        assert_eq!(blocks, buffers * each);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_goes_before_the_answer_makes_no_room_for_another_hash() {
        let passwords = Passwords::default();
        let address = |at| std::net::IpAddr::from([10, 0, 0, at]);
        for at in 0..24 {
            let lane = Lane::Stranger(address(at).into());
            let mut asked = Box::pin(passwords.verify("guess".into(), None, lane));
            assert!(futures_util::poll!(asked.as_mut()).is_pending());
        }
        // Long enough for all of them, had they begun.
        for _ in 0..24 {
            passwords.verify("guess".into(), None, Lane::Known).await.unwrap();
        }
        let all_turns = u32::try_from(AT_ONCE).unwrap();
        let _over = passwords.strangers.acquire_many(all_turns).await.unwrap();
        let (buffers, _) = passwords.buffers.held();
        assert!(buffers <= AT_ONCE + KNOWN_AT_ONCE, "{buffers} at once");
        assert_eq!(lock(&passwords.waiting).strangers, 0);
    }

    #[test]
    fn who_waits_from_one_address_keeps_no_place_from_others() {
        let all = Arc::default();
        let lane = |last| Lane::Stranger(std::net::IpAddr::from([10, 0, 0, last]).into());
        let join = |lane| Waits::join(&all, lane);
        let held: Vec<_> = (0..200).filter_map(|_| join(lane(1))).collect();
        assert_eq!(held.len(), OF_NETWORK);
        assert!(join(lane(2)).is_some());
        let more: Vec<_> = (0..200).filter_map(|at| join(lane(2 + at % 50))).collect();
        assert_eq!(held.len() + more.len(), STRANGERS);
        assert!(join(lane(99)).is_none() && join(Lane::Known).is_some());
        drop((held, more));
        let left = lock(&all);
        assert!(left.by_network.is_empty() && left.strangers == 0 && left.known == 0);
    }

    #[test]
    fn a_weak_password_is_refused_with_a_reason() {
        let words = ["上海市".to_owned(), "shanghai".to_owned(), "qingpu".to_owned()];
        let check = |password: &str| check("password", password, "li.wei", &words);
        for weak in [
            "Ab1-xyz",
            "onlyletters",
            "aaaaaaaaaaaaaaaaaaaa",
            "Li.Wei-2026!",
            "Password123",
            "P@ssw0rd2026",
            "Passw0rd!!",
            "1234567890123456",
            "abcdeabcdeabcdeabcde",
            "aaaabbbbccccdddde",
            "qwertyuiopasdfgh",
            "1qaz2wsx3edc4rfv",
            "Shanghai2026!",
            "Qingpu-2026",
            "上海市上海市上海市上海市",
            "城管执法城管执法",
        ] {
            assert!(check(weak).is_err(), "{weak}");
        }
        for good in [
            "Delta-2026-x",
            "four words are enough",
            "渡江侦察记 1954 Ab",
            "两岸猿声啼不住轻舟已过万重", // 13 characters of one kind
            "hV7-kq2-Rm9w",
        ] {
            assert!(check(good).is_ok(), "{good}: {:?}", check(good));
        }
    }
}
