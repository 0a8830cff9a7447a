//! Making a batch durable, beside the task that owns the engine.

use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;

use crate::domain::Time;
use crate::store::{Committed, Store, StoreError};

use super::gather::Sealed;
use super::meters;
use super::parcel::Waiting;

/// A batch that was to be committed.
#[derive(Debug)]
pub struct Outcome {
    /// What stands in the log, or why nothing may.
    pub done: Result<Committed, StoreError>,
    /// Who waits.
    pub waiting: Vec<Waiting>,
    /// What a driven clock shows once it stands there.
    pub clock: Option<Time>,
}

/// Commits a batch. Nothing is appended if, in the end, nothing is new.
pub async fn commit(store: Arc<dyn Store>, mut sealed: Sealed) -> Outcome {
    let begun = Instant::now();
    let done = match drop_known(&*store, &mut sealed).await {
        Ok(()) if sealed.events() == 0 => Ok(Committed::default()),
        Ok(()) => store.append(sealed.draft).await,
        Err(why) => Err(why),
    };
    meters::committed(begun);
    Outcome { done, waiting: sealed.waiting, clock: sealed.clock }
}

/// Takes out the fixes that the store's tracks hold already.
async fn drop_known(store: &dyn Store, sealed: &mut Sealed) -> Result<(), StoreError> {
    if sealed.doubts.is_empty() {
        return Ok(());
    }
    let asked = sealed.doubts.iter().map(|doubt| (doubt.unit, doubt.at)).collect();
    let known: FxHashSet<_> = store.known_fixes(asked).await?.into_iter().collect();
    let found: Vec<_> = std::mem::take(&mut sealed.doubts)
        .into_iter()
        .filter(|doubt| known.contains(&(doubt.unit, doubt.at)))
        .collect();
    for doubt in &found {
        sealed.waiting[doubt.waiting].found(doubt.index);
    }
    let gone: FxHashSet<_> = found.iter().map(|doubt| doubt.event).collect();
    let mut at = 0_usize..;
    sealed.draft.events.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
    Ok(())
}
