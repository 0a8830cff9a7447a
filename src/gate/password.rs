//! Passwords: what is asked of one, and hashing it.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::store::check_hash;

use super::error::GateError;

/// Passwords hashed at once: one core of a small machine, and 19 MiB each.
const AT_ONCE: usize = 2;

/// Passwords that may wait for their turn, some seconds' worth.
const WAITING: usize = 64;

/// Characters of a password.
const SHORTEST: usize = 10;
const LONGEST: usize = 200;

/// From so many characters on it need not be a mixture.
const LONG: usize = 16;

/// Checked in place of the hash of a name that nobody has, so that the answer
/// takes as long; no password has it.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                       $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords by argon2id with 19 MiB, two passes, one lane (OWASP's
/// minimum, and the crate's default), a few at a time and beside the tasks that
/// serve.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), waiting: AtomicUsize::new(0) }
    }
}

impl Passwords {
    /// Hashes a password.
    ///
    /// # Errors
    /// When too many wait.
    pub async fn hash(&self, password: String) -> Result<String, GateError> {
        self.in_turn(move || {
            let hash: PasswordHash = Argon2::default()
                .hash_password(password.as_bytes())
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
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, GateError> {
        self.in_turn(move || {
            // What somebody wrote into the store must not cost a sign-in all memory.
            let hash = hash.filter(|hash| check_hash(hash).is_ok());
            let hash = hash.as_deref().unwrap_or(NOBODYS);
            let hash = PasswordHash::new(hash).map_err(|why| GateError::Hash(why.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, GateError> + Send + 'static,
    ) -> Result<T, GateError> {
        let _waiting = Waiting::join(&self.waiting).ok_or(GateError::Busy)?;
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await.map_err(|_closed| GateError::Busy)?;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|why| GateError::Hash(why.to_string()))?
    }
}

/// One who waits, or has a turn.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let joined = Self(count);
        (before < WAITING).then_some(joined)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a password may be chosen: long, or of medium length and mixed, and
/// without the name in it.
pub fn check(field: &'static str, password: &str, name: &str) -> Result<(), GateError> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        let reason = format!("must be {SHORTEST} to {LONGEST} characters");
        return Err(GateError::field(field, reason));
    }
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_lowercase(),
        |c| c.is_uppercase(),
        |c| c.is_numeric(),
        |c| !(c.is_lowercase() || c.is_uppercase() || c.is_numeric()),
    ];
    let mixed = kinds.into_iter().filter(|kind| password.chars().any(kind)).count() >= 3;
    if length < LONG && !mixed {
        let reason = format!(
            "must be of {LONG} characters or more, or mix three of: small letters, capitals, \
             digits, others"
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
    Ok(())
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
            passwords.verify(password.into(), hash.cloned()).await.unwrap()
        };
        assert!(is("长江-2026-Delta", Some(&hash)).await);
        assert!(!is("长江-2026-delta", Some(&hash)).await);
        assert!(!is("", None).await);
        assert_ne!(passwords.hash("长江-2026-Delta".into()).await.unwrap(), hash, "salted");
    }

    #[test]
    fn a_weak_password_is_refused_with_a_reason() {
        for weak in ["Ab1-xyz", "onlyletters", "aaaaaaaaaaaaaaaaaaaa", "Li.Wei-2026!"] {
            assert!(check("password", weak, "li.wei").is_err(), "{weak}");
        }
        for good in ["Delta-2026-x", "four words are enough", "渡江侦察记 1954 Ab"] {
            assert!(check("password", good, "li.wei").is_ok(), "{good}");
        }
    }
}
