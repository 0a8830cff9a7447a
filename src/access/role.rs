//! What a person is here for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of an account.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
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
    /// System, security and audit in one hand, of before there were roles for each; no
    /// key to other agencies' records.
    Admin,
    /// System administrator (系统管理员): rules, clock, tokens, erasure, measurements.
    #[serde(rename = "system-admin")]
    SystemAdmin,
    /// Security administrator (安全管理员): accounts, roles, sessions, second factors.
    #[serde(rename = "security-admin")]
    SecurityAdmin,
    /// Auditor (审计员): reads and exports the audit log; sees no record.
    Auditor,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is none of wall, officer, analyst, commander, admin, system-admin, security-admin, \
     auditor"
)]
pub struct InvalidRole(String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Wall,
        Self::Officer,
        Self::Analyst,
        Self::Commander,
        Self::Admin,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::Auditor,
    ];

    /// Whether it administers: such accounts reveal or change more than the live picture.
    #[must_use]
    pub const fn administers(self) -> bool {
        matches!(self, Self::Admin | Self::SystemAdmin | Self::SecurityAdmin | Self::Auditor)
    }

    /// Whether it is the combined role, which a service with separation of duties gives
    /// to no further account.
    #[must_use]
    pub const fn combines_duties(self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Officer => "officer",
            Self::Analyst => "analyst",
            Self::Commander => "commander",
            Self::Admin => "admin",
            Self::SystemAdmin => "system-admin",
            Self::SecurityAdmin => "security-admin",
            Self::Auditor => "auditor",
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
