//! What the store does for the task that owns the engine, beside it: making a
//! batch durable, and reading on in the log.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Batch, Offset};
use crate::store::{Committed, Store, StoreError};

use super::gather::Sealed;
use super::meters;
use super::rules_file;

/// Events read from the log at once.
const READ_EVENTS: usize = 50_000;

/// Batches of the log, in order.
pub type Page = Vec<(Offset, Batch)>;

/// A batch that stands in the log.
#[derive(Debug)]
pub struct Done {
    /// What stands before it and after the batch that was known to be the last:
    /// another server may have appended in between.
    pub before: Page,
    /// What stands there.
    pub committed: Committed,
    /// The places, among the events of the batch, of fixes that were in tracks
    /// already after all, and are not in it.
    pub found: Vec<usize>,
}

/// Commits a batch that is to follow on `last`. Nothing is appended if, in the
/// end, nothing is new.
pub async fn commit(
    store: Arc<dyn Store>,
    mut sealed: Sealed,
    last: Offset,
) -> Result<Done, StoreError> {
    let begun = Instant::now();
    let found = drop_known(&*store, &mut sealed).await?;
    let committed = store.append(sealed.draft).await?;
    if !committed.events.is_empty() {
        meters::committed(begun);
    }
    if let Some(rules) = sealed.rules_of_file.filter(|_| !committed.overtaken) {
        rules_file::note(&*store, &rules).await?;
    }
    let before = if committed.overtaken {
        between(&*store, last, Offset(committed.offset.0 + 1)).await?
    } else if committed.events.is_empty() {
        Page::new()
    } else {
        between(&*store, last, committed.offset).await?
    };
    Ok(Done { before, committed, found })
}

/// The next batches of the log, after a pause.
pub async fn read_on(
    store: Arc<dyn Store>,
    after: Offset,
    pause: Duration,
) -> Result<Page, StoreError> {
    tokio::time::sleep(pause).await;
    store.read(after, READ_EVENTS).await
}

/// The batches between two.
async fn between(store: &dyn Store, mut after: Offset, before: Offset) -> Result<Page, StoreError> {
    let mut found = Page::new();
    while after.0 + 1 < before.0 {
        let page = store.read(after, READ_EVENTS).await?;
        let Some(&(newest, _)) = page.last() else { break };
        found.extend(page.into_iter().filter(|(offset, _)| *offset < before));
        after = newest;
    }
    Ok(found)
}

/// Takes out the fixes that the store's tracks hold already.
async fn drop_known(store: &dyn Store, sealed: &mut Sealed) -> Result<Vec<usize>, StoreError> {
    if sealed.doubts.is_empty() {
        return Ok(Vec::new());
    }
    let asked = std::mem::take(&mut sealed.doubts);
    let known = store.known_fixes(asked).await?.into_iter().collect();
    Ok(sealed.draft.leave_out(&known))
}
