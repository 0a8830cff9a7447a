//! Snapshots for the stream.

use std::sync::Arc;

use crate::domain::{Alert, Incident};
use crate::stream::{Gone, Snapshot, Source};

use super::inlet::{Inlet, Standing};

/// How long an alert that has ended stays in the picture, in ms.
const ENDED_MS: i64 = 86_400_000;

impl Source for Inlet {
    async fn alerts(&self) -> Result<Snapshot<Alert>, Gone> {
        self.snapshot(|standing| {
            let since = standing.engine.now() - ENDED_MS;
            let shown = |alert: &&Arc<Alert>| alert.ended_at.is_none_or(|ended| ended > since);
            standing.engine.alerts().filter(shown).cloned().collect()
        })
        .await
    }

    async fn incidents(&self) -> Result<Snapshot<Incident>, Gone> {
        self.snapshot(|standing| standing.engine.incidents().cloned().collect()).await
    }
}

impl Inlet {
    async fn snapshot<T: Send + Sync + 'static>(
        &self,
        items: impl FnOnce(&Standing<'_>) -> Vec<Arc<T>> + Send + 'static,
    ) -> Result<Snapshot<T>, Gone> {
        self.ask_standing(move |standing| Snapshot {
            offset: standing.offset,
            at: standing.engine.now(),
            items: items(standing),
        })
        .await
    }
}
