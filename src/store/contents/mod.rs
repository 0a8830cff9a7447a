//! All that a store holds, row by row, to be taken elsewhere.
//!
//! What can be made again from the log alone is not among it (tracks, checkpoints),
//! nor what is forgotten within a day (the codes that walls show, answers to requests
//! with a key), nor the epoch: what goes on from a copy is another history.

mod cells;
mod factor;
mod feature;
mod row;

use std::fmt;

use futures_util::stream::BoxStream;

use super::{Answer, Entry, StoreError};

pub use factor::{FactorRow, RecoveryCodeRow};
pub use row::{
    AccountRow, AlertRow, BatchRow, IdentityRow, IncidentRow, Note, Row, SessionRow, StepRow,
    TokenRow, UnitRow,
};

/// A kind of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// What holds for the whole store.
    Notes,
    /// The log's batches.
    Log,
    /// Incidents.
    Incidents,
    /// Units.
    Units,
    /// Alerts as they last stood.
    Alerts,
    /// The steps of alerts.
    AlertSteps,
    /// What is to be forgotten and is not gone yet.
    Forgetting,
    /// Accounts.
    Accounts,
    /// Who accounts are to providers.
    Identities,
    /// Sessions of accounts.
    Sessions,
    /// Tokens.
    Tokens,
    /// The audit log.
    Audit,
}

impl Part {
    /// Every part, in an order in which a store can be filled.
    pub const ALL: [Self; 12] = [
        Self::Notes,
        Self::Log,
        Self::Incidents,
        Self::Units,
        Self::Alerts,
        Self::AlertSteps,
        Self::Forgetting,
        Self::Accounts,
        Self::Identities,
        Self::Sessions,
        Self::Tokens,
        Self::Audit,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notes => "notes",
            Self::Log => "log",
            Self::Incidents => "incidents",
            Self::Units => "units",
            Self::Alerts => "alerts",
            Self::AlertSteps => "alert_steps",
            Self::Forgetting => "forgetting",
            Self::Accounts => "accounts",
            Self::Identities => "identities",
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
            Self::Audit => "audit",
        }
    }
}

/// Rows on their way, each part's by its key.
pub type Rows<'a> = BoxStream<'a, Result<Row, StoreError>>;

/// A store whose contents can be taken elsewhere, or come from there.
pub trait Contents: fmt::Debug + Send + Sync + 'static {
    /// All of it as it stands at one moment, while others go on writing.
    fn still(&self) -> Answer<'_, Box<dyn Reading>>;

    /// Begins to fill it; nobody writes to it meanwhile.
    ///
    /// # Errors
    /// When there is anything in it already.
    fn fill(&self) -> Answer<'_, Box<dyn Filling + '_>>;
}

/// Contents that stand still.
pub trait Reading: Send {
    /// The rows of a part.
    fn rows(&mut self, part: Part) -> Rows<'_>;
}

/// A store that is being filled: all at once when it is [finished](Filling::finish),
/// or not at all. What has been put there can be read again before.
pub trait Filling: Reading {
    /// Puts rows there, each part's by its key.
    fn put(&mut self, rows: Vec<Row>) -> Answer<'_, ()>;

    /// Makes it durable, with what the audit log is to say of it.
    fn finish<'a>(self: Box<Self>, entry: Entry) -> Answer<'a, ()>
    where
        Self: 'a;
}
