//! What checking a password against its hash may cost. A hash names its own cost: one
//! that somebody wrote into a store or an archive could cost gigabytes and hours.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Params, Version};

/// KiB, passes and lanes at most: several times what Pilin itself takes (19,456, 2, 1) and
/// what RFC 9106 recommends for machines with little memory (65,536, 3, 4).
const MOST_KIB: u32 = 131_072;
const MOST_PASSES: u32 = 8;
const MOST_LANES: u32 = 8;

/// Why a text is no hash of a password that may be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// It does not read as one.
    #[error("is no password hash: {0}")]
    Form(String),
    /// Of another algorithm than argon2id, version 19.
    #[error("is no argon2id hash of version 19")]
    Algorithm,
    /// To check it would cost too much.
    #[error(
        "costs {kib} KiB, {passes} passes and {lanes} lanes; \
         {MOST_KIB}, {MOST_PASSES} and {MOST_LANES} are the most"
    )]
    Cost {
        /// Memory.
        kib: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes of it.
        lanes: u32,
    },
}

/// Checks what a password's hash says of itself.
///
/// # Errors
/// When it is no argon2id hash, or would cost too much.
pub fn check_hash(text: &str) -> Result<(), InvalidHash> {
    let form = |why: &dyn std::fmt::Display| InvalidHash::Form(why.to_string());
    let hash = PasswordHash::new(text).map_err(|why| form(&why))?;
    let is_argon2id = Algorithm::try_from(hash.algorithm.as_str()) == Ok(Algorithm::Argon2id);
    if !is_argon2id || hash.version != Some(Version::V0x13.into()) {
        return Err(InvalidHash::Algorithm);
    }
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(InvalidHash::Form("it has no salt or no hash".to_owned()));
    }
    let cost = Params::try_from(&hash).map_err(|why| form(&why))?;
    let (kib, passes, lanes) = (cost.m_cost(), cost.t_cost(), cost.p_cost());
    if kib > MOST_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
        return Err(InvalidHash::Cost { kib, passes, lanes });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(head: &str) -> String {
        format!("{head}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    }

    #[test]
    fn a_hash_that_would_cost_too_much_is_refused() {
        let check = |head: &str| check_hash(&hash(head));
        assert_eq!(check("$argon2id$v=19$m=19456,t=2,p=1"), Ok(()));
        assert_eq!(check("$argon2id$v=19$m=65536,t=3,p=4"), Ok(()));
        for (head, kib, passes, lanes) in [
            ("$argon2id$v=19$m=4194304,t=2,p=1", 4_194_304, 2, 1),
            ("$argon2id$v=19$m=19456,t=100,p=1", 19_456, 100, 1),
            ("$argon2id$v=19$m=19456,t=2,p=16", 19_456, 2, 16),
        ] {
            assert_eq!(check(head), Err(InvalidHash::Cost { kib, passes, lanes }));
        }
        for head in ["$argon2i$v=19$m=19456,t=2,p=1", "$argon2id$v=16$m=19456,t=2,p=1"] {
            assert_eq!(check(head), Err(InvalidHash::Algorithm), "{head}");
        }
        for text in ["", "secret", "$argon2id$v=19$m=19456,t=2,p=1", "$2b$12$abc"] {
            assert!(check_hash(text).is_err(), "{text}");
        }
    }
}
