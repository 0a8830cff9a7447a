//! Why a body is refused as a whole.

use std::time::Duration;

use crate::pipeline::Refused;

/// Why nothing (or, if the store failed half way, not all) of a body was taken.
/// Sending it again is always safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// There is nothing in it.
    #[error("the body is empty")]
    Empty,
    /// Its items cannot be told apart.
    #[error("the body is not JSON: {0}")]
    Syntax(String),
    /// It is JSON, but neither an object nor an array nor lines of objects.
    #[error("the body is neither one object, nor an array, nor lines of objects")]
    NoItems,
    /// More items than one body may have.
    #[error("the body has more than {most} items")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// More than the client may send just now.
    #[error("more items than this address may send a second")]
    TooFast {
        /// When it will be taken.
        retry_after: Duration,
    },
    /// The pipeline did not take it.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl IngestError {
    /// The kind in one word; stable, to be compared by programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Syntax(_) => "syntax",
            Self::NoItems => "no_items",
            Self::TooMany { .. } => "too_many",
            Self::TooFast { .. } => "too_fast",
            Self::Refused(Refused::Stopped) => "stopped",
            Self::Refused(Refused::Full | Refused::NoRoom) => "full",
            Self::Refused(Refused::StoreFailed(_)) => "store",
            Self::Refused(Refused::DiskFull(_)) => "disk_full",
            Self::Refused(Refused::Effort { .. }) => "rules",
            Self::Refused(Refused::ClockUnset | Refused::ClockBack(_) | Refused::ClockOwn) => {
                "clock"
            }
        }
    }

    /// When the same may be sent again, if waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooFast { retry_after } => Some(*retry_after),
            Self::Refused(Refused::Full | Refused::NoRoom) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}
