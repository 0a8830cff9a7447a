//! What is to be known of the clock from elsewhere, asked while the service runs.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::Time;
use crate::store::{Store, StoreError};

use super::Machine;

/// How often the system and the store are asked.
const EVERY: Duration = Duration::from_secs(2);

/// The note of what time an operator last said that it is.
pub const CONFIRMED_NOTE: &str = "clock_confirmed";

/// The note of the last repair of the log's times.
pub const REPAIRED_NOTE: &str = "clock_repaired";

/// The service cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the times of the log were repaired: what this process made of them is to be made anew")]
pub struct Repaired;

/// What time an operator last said that it is: since then it is later.
///
/// # Errors
/// When the store does not answer.
pub async fn word(store: &dyn Store) -> Result<Option<Time>, StoreError> {
    Ok(store.note(CONFIRMED_NOTE).await?.and_then(|text| text.parse().ok()))
}

/// Asks the system and the operator, while the machine's clock is doubted, whether it is
/// right, until told to stop.
///
/// # Errors
/// When the times of the log are repaired meanwhile: the service is to be started anew.
pub async fn watch(
    machine: &Machine,
    store: &dyn Store,
    stop: CancellationToken,
) -> Result<(), Repaired> {
    let mut beat = tokio::time::interval(EVERY);
    let mut repaired = None;
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        if machine.ask_system()
            && let Ok(Some(now)) = word(store).await
        {
            machine.is_told(now);
        }
        // Whoever tells of the store's failures is another.
        let Ok(note) = store.note(REPAIRED_NOTE).await else { continue };
        if repaired.get_or_insert_with(|| note.clone()) != &note {
            return Err(Repaired);
        }
    }
    Ok(())
}
