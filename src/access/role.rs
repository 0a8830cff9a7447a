//! What a person is here for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A screen that shows the picture, with nobody at a keyboard.
    Wall,
    /// On duty: answers for alerts, reports incidents, lets walls in.
    Officer,
    /// Looks back: history and exports.
    Analyst,
    /// An officer who also looks back and registers units.
    Commander,
    /// Accounts, tokens, rules, the audit log; no key to other agencies' records.
    Admin,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is none of wall, officer, analyst, commander, admin")]
pub struct InvalidRole(String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Wall, Self::Officer, Self::Analyst, Self::Commander, Self::Admin];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Officer => "officer",
            Self::Analyst => "analyst",
            Self::Commander => "commander",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = InvalidRole;
    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        let found = Self::ALL.into_iter().find(|role| role.word() == text);
        found.ok_or_else(|| InvalidRole(text.to_owned()))
    }
}
