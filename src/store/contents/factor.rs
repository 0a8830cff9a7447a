//! An account's second factor, as it reads in its account's line.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::Time;

use super::super::factors::SECRET;
use super::super::registry::Secret;
use super::super::rows::{Cells, Record};
use super::super::{StoreError, hex, known};
use super::row::{as_hex, from_hex};

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorRow {
    /// The secret with which codes are computed.
    #[serde(serialize_with = "secret_as_hex", deserialize_with = "secret_from_hex")]
    pub secret: [u8; SECRET],
    /// The last step whose code was used.
    pub step: u64,
    /// Its recovery codes.
    pub recovery_codes: Vec<RecoveryCodeRow>,
}

/// A recovery code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodeRow {
    /// Its hash.
    #[serde(serialize_with = "as_hex", deserialize_with = "from_hex")]
    pub hash: Secret,
    /// When it was used.
    pub used_at: Option<Time>,
}

impl FactorRow {
    /// That of a row of accounts, if it has one. Its recovery codes stand there as
    /// `hash:used_at`, parted by spaces.
    pub(super) fn of(row: &impl Record) -> Result<Option<Self>, StoreError> {
        let cells = Cells::of(row, "accounts", "account")?;
        if cells.int("has_factor")? == 0 {
            return Ok(None);
        }
        let code = |text: &str| {
            let (hash, used_at) = text.split_once(':')?;
            let used_at = used_at.parse().ok().map(Time::from_ms)?;
            let used_at = Some(used_at).filter(|at| *at != Time::default());
            Some(RecoveryCodeRow { hash: hex::decode(hash)?, used_at })
        };
        let codes = cells.maybe("recovery_codes")?.unwrap_or_default().split_whitespace();
        let codes: Option<Vec<_>> = codes.map(code).collect();
        Ok(Some(Self {
            secret: known::factor_secret(&cells)?,
            step: cells.number("factor_step")?,
            recovery_codes: codes.ok_or_else(|| cells.corrupt("recovery_codes", &"no hash"))?,
        }))
    }
}

fn secret_as_hex<S: Serializer>(secret: &[u8; SECRET], to: S) -> Result<S::Ok, S::Error> {
    let halves = secret.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits: String = halves.filter_map(|half| char::from_digit(half.into(), 16)).collect();
    to.serialize_str(&digits)
}

fn secret_from_hex<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; SECRET], D::Error> {
    let text = String::deserialize(from)?;
    let refused = || de::Error::custom("the secret of a second factor is 40 small hex digits");
    let digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * SECRET || !text.bytes().all(digit) {
        return Err(refused());
    }
    let mut secret = [0; SECRET];
    for (at, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_odd| refused())?;
    }
    Ok(secret)
}
