//! What an operator decides about accounts and sessions.

use crate::access::Role;

use super::error::GateError;

/// Rules for accounts and sessions that the operator configures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether the combined role `admin` is given to no further account.
    pub separation_of_duties: bool,
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

    /// Role of the first account, which makes all others.
    #[must_use]
    pub const fn first_role(&self) -> Role {
        if self.separation_of_duties { Role::SecurityAdmin } else { Role::Admin }
    }
}
