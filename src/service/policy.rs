//! What a configuration decides about accounts and sessions.

use crate::config::{Config, SessionTerms};
use crate::gate::{Policy, Terms};
use crate::region::Region;

/// The rules for accounts and sessions of a configuration.
pub fn policy(config: &Config, region: &Region) -> Policy {
    let usual = Policy::default();
    let names = region.atlas.jurisdictions().iter();
    let names = names.flat_map(|one| [one.name.clone(), one.name_en.clone()]);
    Policy {
        separation_of_duties: config.separation_of_duties,
        first_password_ms: i64::from(config.passwords.first_days) * 24 * 3_600_000,
        guessable: usual
            .guessable
            .into_iter()
            .chain(config.passwords.guessable.clone())
            .chain(names)
            .collect(),
        second_factor: config.sign_in.second_factor.clone(),
        sessions: config.sessions.iter().map(|(role, said)| (*role, terms(*said))).collect(),
    }
}

fn terms(said: SessionTerms) -> Terms {
    Terms {
        idle_ms: i64::from(said.idle_minutes) * 60_000,
        lasts_ms: i64::from(said.hours) * 3_600_000,
        most: said.most,
    }
}
