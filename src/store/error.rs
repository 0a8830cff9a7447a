//! What can go wrong with the store.

/// A failure of the store, saying what was being done.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is out of reach.
    #[error("{deed}: {source}")]
    Database {
        /// What was being done.
        deed: &'static str,
        /// What the database says.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("bringing the schema of {file} up to date: {source}")]
    Migrate {
        /// Which database.
        file: String,
        /// What the database says.
        source: sqlx::migrate::MigrateError,
    },
    /// A row makes no sense.
    #[error("{table}.{column} of row {row}: {why}")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its key.
        row: i64,
        /// What is wrong with it.
        why: String,
    },
    /// A value could not be encoded.
    #[error("encoding {what}: {source}")]
    Encode {
        /// Which.
        what: &'static str,
        /// Why not.
        source: postcard::Error,
    },
}

/// Says what was being done when the database failed.
pub(super) trait During<T> {
    /// Adds the deed to an error.
    fn during(self, deed: &'static str) -> Result<T, StoreError>;
}

impl<T> During<T> for Result<T, sqlx::Error> {
    fn during(self, deed: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { deed, source })
    }
}
