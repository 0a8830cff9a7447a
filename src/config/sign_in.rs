//! What is asked of people who sign in.

use clap::Args;
use serde::Deserialize;

use super::ConfigError;
use crate::access::Role;

/// What is asked of people who sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    /// Roles whose accounts must have a second factor.
    pub second_factor: Vec<Role>,
}

/// What one layer says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Signing in")]
pub struct SignInLayer {
    /// Role whose accounts must enrol a second factor before anything else, as far as they
    /// sign in by a password; repeatable, or comma-separated [default: none].
    #[arg(
        long = "second-factor",
        env = "PILIN_SECOND_FACTOR",
        value_name = "ROLE",
        value_delimiter = ','
    )]
    pub second_factor: Option<Vec<Role>>,
}

impl SignIn {
    pub(super) fn from_layers(upper: SignInLayer, lower: SignInLayer) -> Result<Self, ConfigError> {
        let second_factor = upper.second_factor.or(lower.second_factor).unwrap_or_default();
        if second_factor.contains(&Role::Wall) {
            let why = "walls have no password and nobody who could enrol";
            return Err(ConfigError::key("sign_in.second_factor", why));
        }
        Ok(Self { second_factor })
    }
}
