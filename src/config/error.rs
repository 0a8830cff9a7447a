//! Why a configuration is refused.

use std::borrow::Cow;
use std::io;

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("reading {file}: {why}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        why: io::Error,
    },
    /// The file has an unknown key, or a value of the wrong type.
    #[error("{file}: {why}")]
    File {
        /// The file.
        file: String,
        /// Line, key and reason.
        why: Box<toml::de::Error>,
    },
    /// A value cannot be.
    #[error("{key}: {reason}")]
    Key {
        /// The key, as the file names it.
        key: Cow<'static, str>,
        /// Why.
        reason: String,
    },
    /// The environment names a key that there is not.
    #[error("{0}: there is no such key")]
    UnknownVariable(String),
}

impl ConfigError {
    pub(super) fn key(key: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self::Key { key: key.into(), reason: reason.into() }
    }
}
