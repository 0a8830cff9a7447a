//! What people do; events like any other.

use serde::{Deserialize, Serialize};

use super::AlertId;

/// A person's act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Somebody has seen the alert and answers for it.
    Acknowledge {
        /// Which alert.
        alert: AlertId,
        /// Who.
        by: String,
        /// A remark; may be empty.
        note: String,
    },
}

impl Act {
    /// The alert that it is about.
    #[must_use]
    pub const fn alert(&self) -> AlertId {
        match self {
            Self::Acknowledge { alert, .. } => *alert,
        }
    }
}
