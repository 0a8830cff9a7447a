//! Whose the name of a report is.

use serde::{Deserialize, Serialize};

use crate::domain::Code;

/// The agency that hands a report in: the report's source and external id name it
/// among what that agency has handed in, so that nobody else can take a name.
///
/// Nobody's are those of a service without accounts, and of versions that did not ask:
/// such a name is taken for all.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Owner(pub Option<Code>);

impl Owner {
    /// Nobody.
    pub const NOBODY: Self = Self(None);

    /// As databases keep it.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self.0 {
            Some(agency) => agency.number(),
            None => 0,
        }
    }

    /// Whether it is nobody.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.0.is_none()
    }
}
