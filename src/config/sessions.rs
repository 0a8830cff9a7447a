//! How long people stay signed in, and how often at once.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ConfigError, check};
use crate::access::Role;

const DAY_HOURS: u32 = 24;

/// The most that may be said: a year.
const MOST_HOURS: u32 = 365 * DAY_HOURS;

/// How long a session of a role rests and lasts, and how many one account has at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// Minutes that it may rest.
    pub idle_minutes: u32,
    /// Hours after which it ends.
    pub hours: u32,
    /// Sessions of one account at once; one more ends the one that has rested longest.
    pub most: u32,
}

/// What one layer says of a role's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionTermsLayer {
    /// Minutes that a session may rest.
    pub idle_minutes: Option<u32>,
    /// Hours after which it ends.
    pub hours: Option<u32>,
    /// Sessions of one account at once.
    pub most: Option<u32>,
}

impl SessionTerms {
    /// Unless told otherwise. Who administers is signed out after half an hour of rest, as
    /// assessors of MLPS level 3 ask (15 to 30 minutes); a duty desk stays for a shift, or
    /// nobody would see the alert of the night; a wall, which nobody touches, for a season.
    #[must_use]
    pub const fn usual(role: Role) -> Self {
        let season = 90 * DAY_HOURS;
        match role {
            Role::Wall => Self { idle_minutes: season * 60, hours: season, most: 64 },
            role if role.administers() => Self { idle_minutes: 30, hours: 12, most: 3 },
            _ => Self { idle_minutes: 12 * 60, hours: 30 * DAY_HOURS, most: 8 },
        }
    }

    /// Those of every role.
    pub(super) fn from_layer(
        said: &BTreeMap<Role, SessionTermsLayer>,
    ) -> Result<BTreeMap<Role, Self>, ConfigError> {
        let of_role = |role: Role| {
            let (usual, said) = (Self::usual(role), said.get(&role).copied().unwrap_or_default());
            let within = |name, said: Option<u32>, usual, most| {
                let key = format!("sessions.{role}.{name}");
                check::within(key, said.unwrap_or(usual), 1, most)
            };
            let minutes = MOST_HOURS * 60;
            let terms = Self {
                idle_minutes: within(
                    "idle_minutes",
                    said.idle_minutes,
                    usual.idle_minutes,
                    minutes,
                )?,
                hours: within("hours", said.hours, usual.hours, MOST_HOURS)?,
                most: within("most", said.most, usual.most, 10_000)?,
            };
            Ok((role, terms))
        };
        Role::ALL.into_iter().map(of_role).collect()
    }
}
