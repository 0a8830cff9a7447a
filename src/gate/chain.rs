//! Following the audit log from its start.

use crate::store::audit::{Broken, Chain, Link};
use crate::store::{Ledger, StoreError};

/// Entries read at once.
const READ: u32 = 1_000;

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The number of its newest entry, and that one's link; none of an empty log.
    pub head: Option<(u64, Link)>,
    /// Whether the link that was kept elsewhere is in it, if there is one.
    pub kept: Option<bool>,
}

/// Why a chain was not followed to its end.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// It does not hold.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Follows the whole chain; `kept` is a link that was the newest at some time.
///
/// # Errors
/// When it does not hold, or the store fails.
pub async fn follow(ledger: &dyn Ledger, kept: Option<Link>) -> Result<Followed, ChainError> {
    let mut chain = Chain::default();
    let mut seen = false;
    let mut after = 0;
    loop {
        let page = ledger.entries(after, READ).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for record in &page {
            chain.follow(record)?;
            seen |= kept == Some(record.link);
        }
    }
    Ok(Followed { head: chain.head(), kept: kept.map(|_| seen) })
}
