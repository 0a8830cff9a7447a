//! The transaction that makes a batch durable.

use crate::domain::Event;

use super::super::error::During;
use super::super::{Committed, Draft, StoreError};
use super::{Sqlite, incidents, log, units};

impl Sqlite {
    pub(super) async fn append_batch(&self, draft: Draft) -> Result<Committed, StoreError> {
        let mut tx = self.begin().await?;
        let (last, last_at) = log::head(&mut *tx).await?.unwrap_or_default();
        let at = draft.at.max(last_at);
        let next = last.0 + 1;

        let (unit_verdicts, registered) = units::accept(&mut tx, draft.units, next).await?;
        let (incident_verdicts, accepted) =
            incidents::accept(&mut tx, draft.incidents, next).await?;

        let mut events = draft.events;
        if !(registered.is_empty() && accepted.is_empty()) {
            let rest = events;
            events = Vec::with_capacity(registered.len() + accepted.len() + rest.len());
            events.extend(registered.into_iter().map(Event::Unit));
            events.extend(accepted.into_iter().map(Event::Incident));
            events.extend(rest);
        }
        let mut offset = last;
        if !events.is_empty() {
            offset = log::append(&mut tx, at, &events).await?;
        }
        tx.commit().await.during("committing a batch")?;
        Ok(Committed { offset, at, events, units: unit_verdicts, incidents: incident_verdicts })
    }
}
