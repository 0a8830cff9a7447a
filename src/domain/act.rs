//! What people do; events like any other.

use serde::{Deserialize, Serialize};

use super::{AlertId, Code, Time};

/// An account that acted, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Number of the account.
    pub account: u64,
    /// Name the account signs in with.
    pub name: String,
    /// Jurisdiction of its agency.
    pub agency: Code,
}

/// A person's act. Stands in the log: new variants go to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Somebody has seen the alert and answers for it. No longer written; logs of
    /// older builds hold it.
    Acknowledge {
        /// Which alert.
        alert: AlertId,
        /// Who.
        by: String,
        /// A remark; may be empty.
        note: String,
    },
    /// Somebody has seen the alert and answers for it, with the account if there is one.
    AcknowledgeBy {
        /// Which alert.
        alert: AlertId,
        /// Display name.
        by: String,
        /// The account; `None` of a service without accounts.
        signer: Option<Signer>,
        /// A remark; may be empty.
        note: String,
    },
    /// Whoever answers for the alert takes that back, within [`WITHDRAW_MS`].
    Withdraw {
        /// Which alert.
        alert: AlertId,
        /// Number of the account; `None` of a service without accounts.
        account: Option<u64>,
        /// When the acknowledgement that is taken back was made.
        acknowledged_at: Time,
    },
}

/// How long after it was made an acknowledgement can be taken back, ms.
pub const WITHDRAW_MS: i64 = 30_000;

impl Act {
    /// The alert that it is about.
    #[must_use]
    pub const fn alert(&self) -> AlertId {
        match self {
            Self::Acknowledge { alert, .. }
            | Self::AcknowledgeBy { alert, .. }
            | Self::Withdraw { alert, .. } => *alert,
        }
    }
}
