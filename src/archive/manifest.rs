//! What an archive says of itself.

use serde::{Deserialize, Serialize};

use crate::domain::{Offset, Time};

use super::sum::Sum;

/// The form of the files that this version writes and reads.
pub const FORM: u32 = 1;

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of its files.
    pub form: u32,
    /// The version of Pilin that wrote it.
    pub pilin: String,
    /// When, by the machine's clock.
    pub made_at: Time,
    /// The epoch of the store it was taken from.
    pub epoch: String,
    /// Where the log ends; none of an empty one.
    pub head: Option<Head>,
    /// The files, in the order in which a store is filled from them.
    pub files: Vec<Listed>,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The newest batch.
    pub offset: Offset,
    /// Its time.
    pub at: Time,
}

/// A file of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub file: String,
    /// How much it is, and its hash.
    #[serde(flatten)]
    pub sum: Sum,
}

impl Manifest {
    /// How many rows of a part there are.
    #[must_use]
    pub fn lines(&self, file: &str) -> u64 {
        self.files.iter().find(|listed| listed.file == file).map_or(0, |listed| listed.sum.lines)
    }
}
