//! The transaction that makes a batch durable.

use std::sync::atomic::Ordering;

use super::super::{Committed, Draft, StoreError, verdicts};
use super::silence::bounded;
use super::{Postgis, audit, forgetting, incidents, locks, log, notes, texts, units};

impl Postgis {
    pub(super) async fn append_batch(&self, draft: Draft) -> Result<Committed, StoreError> {
        let doubt = |why| {
            self.in_doubt.store(true, Ordering::Release);
            StoreError::InDoubt { why }
        };
        bounded(self.try_to_append(draft), doubt).await
    }

    async fn try_to_append(&self, mut draft: Draft) -> Result<Committed, StoreError> {
        let times = draft.incidents.iter().map(|report| report.occurred_at);
        self.months.make_for_incidents(&self.writers, times).await?;
        let mut tx = locks::begin(&self.writers, locks::LOG).await?;
        let (last, last_at) = log::head(&mut *tx).await?.unwrap_or_default();
        let at = draft.at.max(last_at);
        let next = last.0 + 1;

        if log::is_overtaken(&mut tx, &draft, last).await? {
            return Ok(Committed { offset: last, at, overtaken: true, ..Committed::default() });
        }
        let since = log::fixes_since(&mut tx, &draft, last).await?;
        let repeated = draft.leave_out(&since);
        let spooled = draft.spooled.is_some();
        let (unit_verdicts, registered) =
            units::accept(&mut tx, draft.units, &draft.transfers, next, spooled).await?;
        let (incident_verdicts, accepted) =
            incidents::accept(&mut tx, draft.incidents, &draft.owners, next).await?;

        let events = verdicts::in_order(registered, accepted, draft.events);
        let mut offset = last;
        if !events.is_empty() {
            offset.0 = next;
            log::append(&mut tx, offset, at, &events).await?;
            forgetting::note(&mut tx, offset, &events).await?;
            texts::note(&mut tx, offset, &events).await?;
        }
        if let Some(spooled) = draft.spooled {
            let key = spooled.note.clone();
            let (entries, noted) = spooled.since(notes::get(&mut *tx, &key).await?.as_deref());
            draft.audit.extend(entries);
            notes::set(&mut *tx, &key, noted).await?;
        }
        audit::write(&mut tx, &draft.audit).await?;
        if let Err(why) = tx.commit().await {
            self.in_doubt.store(true, Ordering::Release);
            return Err(StoreError::InDoubt { why });
        }
        let (units, incidents) = (unit_verdicts, incident_verdicts);
        Ok(Committed { offset, at, events, repeated, units, incidents, overtaken: false })
    }
}
