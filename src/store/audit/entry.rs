//! What an entry says.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::Viewer;
use crate::domain::{Code, Time};

use super::super::replies::RequestName;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Who {
    /// Whoever was at the machine, of a service without accounts.
    Open,
    /// A person's account.
    Person {
        /// Its number.
        account: u64,
        /// Its name.
        name: String,
        /// Its agency.
        agency: Code,
        /// Its role.
        role: String,
    },
    /// A device's token.
    Device {
        /// Its number.
        token: u64,
        /// Its name.
        name: String,
        /// Its agency.
        agency: Code,
    },
    /// Who runs the machine, at its command line.
    Operator {
        /// As the machine knows them.
        name: String,
    },
    /// Somebody who has not signed in.
    Nobody,
}

impl Who {
    /// What stays the same of who it was, with whatever they sign in.
    #[must_use]
    pub fn principal(&self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Person { account, .. } => format!("account {account}"),
            Self::Device { token, .. } => format!("token {token}"),
            Self::Operator { name } => format!("operator {name}"),
            Self::Nobody => "nobody".into(),
        }
    }

    /// The agency of who it was, if there is one.
    #[must_use]
    pub const fn agency(&self) -> Option<Code> {
        match self {
            Self::Person { agency, .. } | Self::Device { agency, .. } => Some(*agency),
            Self::Open | Self::Operator { .. } | Self::Nobody => None,
        }
    }
}

impl From<&Viewer> for Who {
    fn from(viewer: &Viewer) -> Self {
        match viewer {
            Viewer::Open => Self::Open,
            Viewer::Person(person) => Self::Person {
                account: person.account.0,
                name: (&*person.name).into(),
                agency: person.agency,
                role: person.role.to_string(),
            },
            Viewer::Device(device) => Self::Device {
                token: device.token.0,
                name: (&*device.name).into(),
                agency: device.agency,
            },
        }
    }
}

/// What came of a deed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and why.
    Refused(String),
}

/// Target of an entry that tells of a name which no account has: somebody may have typed
/// a password there.
pub const UNKNOWN_NAME: &str = "unknown name";

/// Deeds at the command line that concern the people, devices or units of one agency.
const OF_ONE_AGENCY: [&str; 8] = [
    "add-account",
    "change-account",
    "end-session",
    "add-token",
    "revoke-token",
    "erase-track",
    "erase-text",
    "forgotten",
];

/// One thing that was done, or tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the machine's own clock.
    pub at: Time,
    /// Who.
    pub who: Who,
    /// From which address; none at the command line.
    pub address: Option<IpAddr>,
    /// With which program, as it says itself.
    pub agent: String,
    /// What.
    pub deed: String,
    /// To what.
    pub target: String,
    /// How that was before, where it matters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Value>,
    /// How it is after, where it matters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Value>,
    /// What came of it.
    pub outcome: Outcome,
    /// Agency of the account, token or unit that it was done to; `None` if it was done
    /// to none, or the entry is older than this field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<Code>,
    /// The request by which it was asked for, if that came with a key.
    #[serde(skip)]
    pub request: Option<RequestName>,
}

impl Entry {
    /// What Pilin has done by itself.
    #[must_use]
    pub fn of_pilin(at: Time, deed: &str, target: String, after: Value) -> Self {
        Self {
            at,
            who: Who::Operator { name: "pilin".to_owned() },
            address: None,
            agent: concat!("pilin ", env!("CARGO_PKG_VERSION")).to_owned(),
            deed: deed.to_owned(),
            target,
            before: None,
            after: Some(after),
            outcome: Outcome::Done,
            about: None,
            request: None,
        }
    }

    /// Whether an administrator or auditor may read it, given which agencies theirs
    /// reaches: it was done by, or to, one of them, or it concerns the whole service.
    #[must_use]
    pub fn concerns(&self, reaches: impl Fn(Code) -> bool) -> bool {
        let told = [&self.before, &self.after].into_iter().flatten();
        let told = told.filter_map(|of| of.get("agency")?.as_str()?.parse().ok());
        let agencies: Vec<Code> =
            self.who.agency().into_iter().chain(self.about).chain(told).collect();
        if agencies.is_empty() { self.concerns_all() } else { agencies.into_iter().any(reaches) }
    }

    /// Whether an entry that names no agency concerns the whole service. Entries older
    /// than [`Entry::about`] may tell of one agency without naming it.
    fn concerns_all(&self) -> bool {
        match &self.who {
            Who::Nobody => self.deed != "sign-in" || [UNKNOWN_NAME, ""].contains(&&*self.target),
            Who::Operator { .. } => {
                !OF_ONE_AGENCY.contains(&&*self.deed) || self.target == "positions"
            }
            Who::Open | Who::Person { .. } | Who::Device { .. } => true,
        }
    }

    /// The request by which it was done; none if it was refused.
    #[must_use]
    pub fn done_by(&self) -> Option<&RequestName> {
        self.request.as_ref().filter(|_| self.outcome == Outcome::Done)
    }
}
