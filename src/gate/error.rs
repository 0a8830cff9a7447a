//! Why the gate does not do what was asked.

use crate::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// Name or password is wrong; which, is not said.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The password is right, and a code of the second factor must come with it.
    #[error("a code of the second factor is needed")]
    CodeNeeded,
    /// The code does not fit, or was used before.
    #[error("the code does not fit, or was used before")]
    WrongCode,
    /// The password was given by somebody else, too long ago.
    #[error("the first password has expired: an administrator must give another")]
    Expired,
    /// Too many attempts.
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled {
        /// When the next one is heard.
        retry_after_s: u32,
    },
    /// Too many passwords are being checked just now.
    #[error("too many are signing in just now")]
    Busy,
    /// A field cannot be.
    #[error("{field}: {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why not.
        reason: String,
    },
    /// A provider does not say where somebody belongs and what they are for.
    #[error("the provider claims no agency and role that there are")]
    Unclaimed,
    /// The name is another's.
    #[error("the name “{0}” is taken")]
    NameTaken(String),
    /// There is nothing of that name or number, as far as the asker may see.
    #[error("there is no {0}")]
    Unknown(String),
    /// It cannot be done as things stand.
    #[error("{0}")]
    Conflict(&'static str),
    /// The machine has no randomness to give.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
    /// Hashing a password failed.
    #[error("hashing a password: {0}")]
    Hash(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl GateError {
    pub(super) fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Field { field, reason: reason.into() }
    }
}
