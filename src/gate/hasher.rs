//! Argon2id over memory that is used again.
//!
//! The crate's own hasher allocates its megabytes for each password and frees them, in
//! whichever thread it runs; allocators keep some of that for each thread. Here a few
//! buffers serve for all passwords, so that what is held of them has a bound.

use std::sync::Mutex;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self as hash, CustomizedPasswordHasher};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::lock;

/// Blocks of 1 KiB that are kept of a buffer: what a hash that is made here takes. One
/// that was made elsewhere may take more, and gives that back.
const KEPT: usize = Params::DEFAULT_M_COST as usize;

/// Buffers that nobody is using; there are never more of them than hash at once.
#[derive(Debug, Default)]
pub struct Buffers(Mutex<Vec<Vec<Block>>>);

impl Buffers {
    /// Works with a hasher in one of the buffers, or in a new one if all are in use.
    pub fn with<T>(&self, work: impl FnOnce(&Hasher) -> T) -> T {
        let buffer = lock(&self.0).pop().unwrap_or_default();
        let hasher = Hasher(Mutex::new(buffer));
        let done = work(&hasher);
        let mut buffer = hasher.0.into_inner().unwrap_or_default();
        if buffer.len() > KEPT {
            buffer.truncate(KEPT);
            buffer.shrink_to_fit();
        }
        lock(&self.0).push(buffer);
        done
    }

    /// How many there are, and how many blocks they hold together.
    #[cfg(test)]
    pub fn held(&self) -> (usize, usize) {
        let buffers = lock(&self.0);
        (buffers.len(), buffers.iter().map(Vec::capacity).sum())
    }
}

/// Hashes and verifies in one buffer.
#[derive(Debug)]
pub struct Hasher(Mutex<Vec<Block>>);

impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<hash::Version>,
        params: Params,
    ) -> hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let mut bytes = [0; Output::MAX_LENGTH];
        let bytes = bytes.get_mut(..length).ok_or(hash::Error::OutputSize)?;
        let mut blocks = lock(&self.0);
        if blocks.len() < params.block_count() {
            // Nothing of what is there is needed: no copy is made of it.
            *blocks = vec![Block::new(); params.block_count()];
        }
        Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(
            password,
            &salt,
            bytes,
            &mut **blocks,
        )?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(Output::new(bytes)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

    use super::*;

    /// What the crate makes of it by itself.
    fn plain(password: &str, params: &Params) -> PasswordHash {
        let argon2 = Argon2::from(params);
        argon2.hash_password_with_salt(password.as_bytes(), b"of this test....").unwrap()
    }

    fn params(kib: u32, passes: u32, lanes: u32) -> Params {
        Params::new(kib, passes, lanes, None).unwrap()
    }

    #[test]
    fn hashes_are_those_of_the_crate_whatever_was_in_the_buffer() {
        let buffers = Buffers::default();
        let costs = [params(64, 1, 1), params(256, 3, 4), params(32, 2, 2), Params::default()];
        for (at, params) in costs.iter().chain(costs.iter().rev()).enumerate() {
            let password = format!("长江-{at}");
            let made = buffers.with(|hasher| {
                let salt = b"of this test....";
                hasher.hash_password_with_params(password.as_bytes(), salt, params.clone())
            });
            assert_eq!(made.unwrap().to_string(), plain(&password, params).to_string());
        }
    }

    #[test]
    fn a_password_is_verified_by_the_cost_of_its_hash() {
        let buffers = Buffers::default();
        for params in [params(64, 1, 1), params(256, 3, 4), Params::default()] {
            let hash = PasswordHash::new(&plain("长江", &params).to_string()).unwrap();
            let is = |password: &str| {
                buffers.with(|hasher| hasher.verify_password(password.as_bytes(), &hash).is_ok())
            };
            assert!(is("长江"));
            assert!(!is("长江 ") && !is(""));
        }
        let odd = plain("长江", &params(64, 1, 1)).to_string().replace("argon2id", "argon2x");
        let odd = PasswordHash::new(&odd).unwrap();
        assert!(buffers.with(|hasher| hasher.verify_password("长江".as_bytes(), &odd)).is_err());
    }

    #[test]
    fn a_costly_hash_gives_back_what_it_took_beyond_the_usual() {
        let buffers = Buffers::default();
        let costly = params(2 * Params::DEFAULT_M_COST, 1, 1);
        for params in [costly, params(64, 1, 1)] {
            let hash = plain("长江", &params);
            buffers.with(|hasher| hasher.verify_password("长江".as_bytes(), &hash)).unwrap();
            assert_eq!(buffers.held(), (1, KEPT));
        }
    }
}
