//! What an operator decides about accounts and sessions.

use std::collections::BTreeMap;

use crate::access::Role;

use super::error::GateError;
use super::terms::Terms;

const DAY_MS: i64 = 24 * 3_600_000;

/// Rules for accounts and sessions that the operator configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether the combined role `admin` is given to no further account.
    pub separation_of_duties: bool,
    /// How long a password that somebody else has given can be used to sign in, in ms.
    pub first_password_ms: i64,
    /// Words that make a password easy to guess here: the organisation's, and the names
    /// of its places.
    pub guessable: Vec<String>,
    /// How long the sessions of each role rest and last.
    pub sessions: BTreeMap<Role, Terms>,
    /// Roles whose accounts must have a second factor, as far as they have a password.
    pub second_factor: Vec<Role>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            separation_of_duties: false,
            first_password_ms: 7 * DAY_MS,
            guessable: ["pilin", "毗邻", "chengguan", "城管"].map(str::to_owned).to_vec(),
            sessions: BTreeMap::new(),
            second_factor: Vec::new(),
        }
    }
}

impl Policy {
    /// Whether an account may be given a role.
    ///
    /// # Errors
    /// When duties are separate and the role combines them.
    pub fn check_role(&self, role: Role) -> Result<(), GateError> {
        if self.separation_of_duties && role.combines_duties() {
            return Err(GateError::Conflict(
                "duties are separate here: give the role system-admin, security-admin or \
                 auditor, each to an account of its own",
            ));
        }
        Ok(())
    }

    /// How long the sessions of a role rest and last.
    #[must_use]
    pub fn terms(&self, role: Role) -> Terms {
        self.sessions.get(&role).copied().unwrap_or(Terms::SHORT)
    }

    /// Role of the first account, which makes all others.
    #[must_use]
    pub const fn first_role(&self) -> Role {
        if self.separation_of_duties { Role::SecurityAdmin } else { Role::Admin }
    }
}
