//! The transaction that makes a batch durable.

use super::super::error::During;
use super::super::{Committed, Draft, StoreError, verdicts};
use super::{Sqlite, audit, forgetting, incidents, log, notes, texts, units};

impl Sqlite {
    pub(super) async fn append_batch(&self, mut draft: Draft) -> Result<Committed, StoreError> {
        let mut tx = self.begin().await?;
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
        tx.commit().await.during("committing a batch")?;
        let (units, incidents) = (unit_verdicts, incident_verdicts);
        Ok(Committed { offset, at, events, repeated, units, incidents, overtaken: false })
    }
}
