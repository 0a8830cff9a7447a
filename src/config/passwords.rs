//! What is asked of passwords.

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, check};

/// How long a first password can be used unless told otherwise, days.
const FIRST_DAYS: u32 = 7;

/// What is asked of passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passwords {
    /// Days for which a password that somebody else has given can be used to sign in.
    pub first_days: u32,
    /// Words of the organisation that make a password easy to guess, beside the names of
    /// the region's jurisdictions.
    pub guessable: Vec<String>,
}

/// What one layer says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Passwords")]
pub struct PasswordsLayer {
    /// How long a password given by somebody else can be used to sign in and choose
    /// another, days; 1 to 365 [default: 7].
    #[arg(long = "first-password-days", env = "PILIN_FIRST_PASSWORD_DAYS", value_name = "DAYS")]
    pub first_days: Option<u32>,

    /// Word that makes a password easy to guess here, beside the names of the region's
    /// jurisdictions; repeatable, or comma-separated [default: none].
    #[arg(
        long = "guessable-word",
        env = "PILIN_GUESSABLE_WORDS",
        value_name = "WORD",
        value_delimiter = ','
    )]
    pub guessable: Option<Vec<String>>,
}

impl Passwords {
    pub(super) fn from_layers(
        upper: PasswordsLayer,
        lower: PasswordsLayer,
    ) -> Result<Self, ConfigError> {
        let first_days = upper.first_days.or(lower.first_days).unwrap_or(FIRST_DAYS);
        Ok(Self {
            first_days: check::within("passwords.first_days", first_days, 1, 365)?,
            guessable: upper.guessable.or(lower.guessable).unwrap_or_default(),
        })
    }
}
