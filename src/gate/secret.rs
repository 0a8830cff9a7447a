//! Random secrets, and what is kept of them.

use sha2::{Digest, Sha256};

use crate::store::registry::Secret;

use super::error::GateError;

/// By this a leaked token is recognised for what it is.
const TOKEN: &str = "pilin_";

/// Digits and letters that are not taken for each other.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Letters of a wall's code: 40 bits.
const CODE: usize = 8;

/// A secret for a session: 32 random bytes in hex.
pub fn session() -> Result<String, GateError> {
    Ok(hex(&random::<32>()?))
}

/// A secret for a token: 32 random bytes in hex, after a word that says what it
/// is.
pub fn token() -> Result<String, GateError> {
    Ok(format!("{TOKEN}{}", hex(&random::<32>()?)))
}

/// A password for somebody to begin with: 80 bits.
///
/// # Errors
/// When the machine has no randomness to give.
pub fn first_password() -> Result<String, GateError> {
    let letters = random::<16>()?;
    let text: String = letters.into_iter().map(letter).collect();
    Ok(format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..]))
}

/// A code for a wall to show.
pub fn code() -> Result<String, GateError> {
    Ok(random::<CODE>()?.into_iter().map(letter).collect())
}

/// A code as it was typed: in any case, with or without dashes and spaces.
#[must_use]
pub fn typed(code: &str) -> String {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    letters.take(2 * CODE).collect::<String>().to_ascii_uppercase()
}

/// What is kept of a secret.
#[must_use]
pub fn hash_of(secret: &str) -> Secret {
    Sha256::digest(secret.as_bytes()).into()
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], GateError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(GateError::Random)?;
    Ok(bytes)
}

fn letter(byte: u8) -> char {
    char::from(LETTERS[usize::from(byte % 32)])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}
