//! How far a store's schema is.

use sqlx::migrate::Migrator;

/// How far a store's schema is behind the one that this version works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The newest change it has; 0 if it has none yet.
    pub at: i64,
    /// The newest change that this version knows.
    pub newest: i64,
    /// The changes it lacks, in their order.
    pub pending: Vec<String>,
}

impl Schema {
    /// Of a store that has had these changes, of all there are.
    pub(super) fn new(had: &[i64], all: &Migrator) -> Self {
        let pending = all.iter().filter(|change| !had.contains(&change.version));
        Self {
            at: had.iter().copied().max().unwrap_or_default(),
            newest: all.iter().map(|change| change.version).max().unwrap_or_default(),
            pending: pending
                .map(|change| format!("{:04} {}", change.version, change.description))
                .collect(),
        }
    }

    /// Whether a newer version of Pilin has changed it.
    #[must_use]
    pub const fn is_ahead(&self) -> bool {
        self.at > self.newest
    }
}
