//! Who asks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Code;

use super::{Role, Scope, Sight};

/// The number of an account, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub u64);

/// The number of a session, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

/// The number of a token, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub u64);

/// What a person must do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Must {
    /// Choose a password: somebody else has given the one there is.
    ChangePassword,
    /// Enrol a second factor: the operator asks for one of this role.
    EnrolSecondFactor,
}

/// A person who has signed in, or a wall that was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Whose account.
    pub account: AccountId,
    /// By which session.
    pub session: SessionId,
    /// The account's name.
    pub name: Arc<str>,
    /// What others read.
    pub display: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What the person is here for.
    pub role: Role,
    /// What must come before anything else, if something must.
    pub must: Option<Must>,
}

/// A device or a neighbouring system, by its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Which token.
    pub token: TokenId,
    /// The token's name.
    pub name: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it may be used for.
    pub scopes: Arc<[Scope]>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Whoever is at the machine: the service has no account yet.
    Open,
    /// A person.
    Person(Person),
    /// A device.
    Device(Device),
}

impl Viewer {
    /// Which records it sees.
    #[must_use]
    pub const fn sight(&self) -> Sight {
        match self.agency() {
            None => Sight::All,
            Some(agency) => Sight::Of(agency),
        }
    }

    /// Its agency's jurisdiction; none where there are no accounts.
    #[must_use]
    pub const fn agency(&self) -> Option<Code> {
        match self {
            Self::Open => None,
            Self::Person(person) => Some(person.agency),
            Self::Device(device) => Some(device.agency),
        }
    }
}
