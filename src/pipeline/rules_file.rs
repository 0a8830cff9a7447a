//! The rules of the region's file, and those that were set since.

use std::sync::Arc;

use crate::domain::{Event, RuleSet};
use crate::store::{Draft, Entry, Store, StoreError};

use super::clock;
use super::live::Live;

/// The note of the rules last read from the region's file.
const NOTE: &str = "rules_file";

/// Whether these are the rules that were last read from the file: then whatever was
/// set since stays.
///
/// # Errors
/// When the store does not answer.
pub async fn rules_were_read(store: &dyn Store, rules: &RuleSet) -> Result<bool, StoreError> {
    Ok(store.note(NOTE).await?.is_some_and(|known| known == text(rules)))
}

/// Notes that these rules were read from the file and are in force.
pub async fn note(store: &dyn Store, rules: &RuleSet) -> Result<(), StoreError> {
    store.set_note(NOTE, text(rules)).await
}

/// What the audit log says of rules that come from the file.
pub fn entry(rules: &RuleSet) -> Entry {
    let after = serde_json::to_value(rules).unwrap_or_default();
    Entry::of_pilin(clock::wall(), "set-rules", "rules of the region's file".to_owned(), after)
}

/// The rules of the file hold if they are not those that were last read from it;
/// otherwise whatever was set since stays.
pub async fn obey(live: &mut Live, rules: &Arc<RuleSet>) -> Result<(), StoreError> {
    let store = Arc::clone(&live.store);
    if rules_were_read(&*store, rules).await? {
        return Ok(());
    }
    if live.engine.rules() != rules {
        let at = live.clock.now().unwrap_or_else(|| live.engine.now());
        let events = vec![Event::Rules(Arc::clone(rules))];
        // The first rules of a store change nothing.
        let audit = store.note(NOTE).await?.map(|_| entry(rules)).into_iter().collect();
        store.append(Draft { at, events, audit, ..Draft::default() }).await?;
        live.catch_up().await?;
    }
    note(&*store, rules).await
}

fn text(rules: &RuleSet) -> String {
    // Numbers and texts: encoding them cannot fail.
    serde_json::to_string(rules).unwrap_or_default()
}
