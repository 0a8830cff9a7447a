//! Where what lasts is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// A store's address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum StoreAddress {
    /// A file of SQLite.
    Sqlite(PathBuf),
}

/// A text that is no store's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not sqlite:PATH")]
pub struct InvalidStore(String);

impl Default for StoreAddress {
    fn default() -> Self {
        Self::Sqlite("pilin.db".into())
    }
}

impl FromStr for StoreAddress {
    type Err = InvalidStore;
    fn from_str(text: &str) -> Result<Self, InvalidStore> {
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err(InvalidStore(text.to_owned())),
        }
    }
}

impl TryFrom<String> for StoreAddress {
    type Error = InvalidStore;
    fn try_from(text: String) -> Result<Self, InvalidStore> {
        text.parse()
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}
