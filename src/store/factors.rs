//! Second factors of accounts, as a store keeps them.
//!
//! The secret is kept in clear, since every code is computed with it; recovery codes as
//! SHA-256. What lets somebody in once is used up by one statement, so of two servers
//! one gets it.

use crate::access::{AccountId, SessionId};
use crate::domain::Time;

use super::Answer;
use super::audit::Entry;
use super::registry::Secret;

/// Bytes of a factor's secret: as many as the hash of its codes has (RFC 4226, 4).
pub const SECRET: usize = 20;

/// Second factors of accounts.
pub trait Factors {
    /// An account's second factor, if it has one.
    fn factor(&self, id: AccountId) -> Answer<'_, Option<Factor>>;

    /// Gives an account a second factor, and ends its sessions but for `keep`; `false`,
    /// and nothing written, if it has one already.
    fn add_factor(
        &self,
        id: AccountId,
        new: NewFactor,
        keep: SessionId,
        entry: Entry,
    ) -> Answer<'_, bool>;

    /// Takes an account's second factor off with its recovery codes, and ends its
    /// sessions but for `keep`; `false`, and nothing written, if it has none.
    fn remove_factor(
        &self,
        id: AccountId,
        keep: Option<SessionId>,
        entry: Entry,
    ) -> Answer<'_, bool>;

    /// Uses the code of a step up; `false` if it, or that of a later one, was used.
    fn use_step(&self, id: AccountId, step: u64) -> Answer<'_, bool>;

    /// Uses a recovery code up; `false`, and nothing written, if the account has none
    /// such, or it was used.
    fn use_recovery(&self, id: AccountId, code: Secret, at: Time, entry: Entry)
    -> Answer<'_, bool>;
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The secret with which codes are computed.
    pub secret: [u8; SECRET],
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

/// A second factor to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFactor {
    /// The secret with which codes are computed.
    pub secret: [u8; SECRET],
    /// The step whose code showed that its owner has it.
    pub step: u64,
    /// The hashes of its recovery codes.
    pub recovery_codes: Vec<Secret>,
}
