//! What can go wrong with the spool.

use std::io;
use std::path::{Path, PathBuf};

/// A failure of the spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It holds as much as it may.
    #[error("the spool holds the {most_bytes} bytes that it may")]
    Full {
        /// How many bytes it may hold.
        most_bytes: u64,
    },
    /// The disk refused.
    #[error("{deed} ({}): {why}", path.display())]
    Disk {
        /// What was being done.
        deed: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// It is open already.
    #[error("the spool {} is another service's, which is running", folder.display())]
    Taken {
        /// Where it is.
        folder: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} cannot be read: {why}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A fault of its own.
    #[error("working on the spool broke down: {0}")]
    Broken(String),
}

impl SpoolError {
    /// Whether it, or its disk, is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full { .. } => true,
            Self::Disk { why, .. } => {
                matches!(why.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Taken { .. } | Self::Corrupt { .. } | Self::Broken(_) => false,
        }
    }
}

/// Says what was being done when the disk refused.
pub(super) trait During<T> {
    /// Adds the deed and its object to an error.
    fn during(self, deed: &'static str, path: &Path) -> Result<T, SpoolError>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, deed: &'static str, path: &Path) -> Result<T, SpoolError> {
        self.map_err(|why| SpoolError::Disk { deed, path: path.to_owned(), why })
    }
}
