//! What can go wrong with an archive.

use std::io;
use std::path::Path;

use crate::store::StoreError;

/// Why a store was not taken out, or not put in.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file or folder cannot be used.
    #[error("{place}: {why}")]
    File {
        /// Which.
        place: String,
        /// Why not.
        why: io::Error,
    },
    /// There is something there already.
    #[error("{0}: it is there already, and not an empty folder")]
    Taken(String),
    /// It is no archive, or one that was not finished.
    #[error("{0}: there is no manifest: it is no export, or one that was broken off")]
    NoManifest(String),
    /// Its manifest does not read as one.
    #[error("{place}: {why}")]
    Manifest {
        /// The manifest.
        place: String,
        /// What is wrong with it.
        why: serde_json::Error,
    },
    /// It is of a form that this version does not know.
    #[error("{place}: it is of form {found}; this version reads form {known}")]
    Form {
        /// The manifest.
        place: String,
        /// Its form.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// A file is not as the manifest says.
    #[error("{place}: it is not as the manifest says: {why}")]
    Changed {
        /// The file.
        place: String,
        /// What differs.
        why: String,
    },
    /// A line does not read as it should.
    #[error("{place}:{line}: {why}")]
    Line {
        /// The file.
        place: String,
        /// The line.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// What was read again of the store is not what was put there.
    #[error("what was written to {part} does not read again as it was: nothing was kept")]
    Unlike {
        /// Which part.
        part: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Names the place at which a file failed.
pub(super) trait At<T> {
    /// Adds it to an error.
    fn at(self, place: &Path) -> Result<T, ArchiveError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, place: &Path) -> Result<T, ArchiveError> {
        self.map_err(|why| ArchiveError::File { place: place.display().to_string(), why })
    }
}
