//! Checks that several keys share.

use std::borrow::Cow;

use super::ConfigError;

/// A number within bounds.
pub fn within<T: PartialOrd + Copy + std::fmt::Display>(
    key: impl Into<Cow<'static, str>>,
    value: T,
    least: T,
    most: T,
) -> Result<T, ConfigError> {
    if value < least || value > most {
        return Err(ConfigError::key(key, format!("{value} is not within {least} to {most}")));
    }
    Ok(value)
}

/// An origin: `scheme://host[:port]`, and nothing behind it.
pub fn origin(key: &'static str, origin: &str) -> Result<(), ConfigError> {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    match host {
        Some(host) if !host.is_empty() && host.chars().all(plain) => Ok(()),
        _ => Err(ConfigError::key(key, format!("“{origin}” is not scheme://host[:port]"))),
    }
}
