//! The store in PostGIS, for a command centre: several servers may share one
//! database.
//!
//! Numbers and offsets are given under locks that last until the commit (see
//! [`locks`]), so the servers append in turn and each sees all that the others
//! have. Commits are durable when answered, whatever the database is set to.

mod accounts;
mod alerts;
mod append;
mod audit;
mod checkpoints;
mod codes;
mod contents;
mod factors;
mod fitness;
mod forgetting;
mod identities;
mod incidents;
mod locks;
mod log;
mod months;
mod notes;
mod registry;
mod repair;
mod replies;
mod rows;
mod schema;
mod sessions;
mod silence;
mod tail;
mod texts;
mod tokens;
mod tracks;
mod units;

#[cfg(test)]
mod tests;

use std::str::FromStr;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{
    Alert, AlertId, Batch, Forget, Incident, IncidentId, Offset, Position, Time, UnitId,
};

use super::error::During;
use super::{AlertRecord, Answer, Committed, Draft, PastStep, Store};
use months::Months;

/// Connections that write: the log, and what follows behind it, beside each other.
const WRITERS: u32 = 4;

/// Connections for readers: history queries are few, and two cores serve them.
const READERS: u32 = 4;

/// How long to wait for a connection: senders wait meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection is set to. The locks want each statement to see what was
/// committed before it; a server that hangs must not hold up the others for ever.
const SETTINGS: [(&str, &str); 5] = [
    ("default_transaction_isolation", "read committed"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("lock_timeout", "20s"),
    ("jit", "off"),
    // Nor that something is there already.
    ("client_min_messages", "warning"),
];

/// A store in a database.
#[derive(Debug)]
pub struct Postgis {
    writers: PgPool,
    readers: PgPool,
    epoch: String,
    /// The months that have partitions.
    months: Months,
    /// Whether a commit was sent whose answer never came.
    in_doubt: AtomicBool,
    /// Where the log ends.
    end: watch::Receiver<Offset>,
    _tail: AbortOnDropHandle<()>,
}

impl Postgis {
    /// Opens the database of an address, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be reached, or does not do; says what it wants.
    #[must_use]
    pub fn open(url: &str) -> Answer<'_, Self> {
        Self::with_writers(url, WRITERS)
    }

    /// The same, with so many connections that write.
    fn with_writers(url: &str, many: u32) -> Answer<'_, Self> {
        Box::pin(async move {
            let options = PgConnectOptions::from_str(url)
                .during("reading the store's address")?
                .application_name("pilin")
                .options(SETTINGS)
                .disable_statement_logging();
            let settled = options.clone();
            let pool = move |most| {
                PgPoolOptions::new()
                    .max_connections(most)
                    .acquire_timeout(PATIENCE)
                    .after_connect(|connection, _| Box::pin(locks::be_durable(connection)))
                    .after_release(|connection, _| Box::pin(silence::try_out(connection)))
                    .connect_lazy_with(settled.clone())
            };
            let (writers, readers) = (pool(many), pool(READERS));
            // Not by way of a pool, which would not say why it cannot connect.
            let mut first =
                PgConnection::connect_with(&options).await.during("connecting to the database")?;
            fitness::prepare(&mut first, &writers).await?;
            first.close().await.during("closing a connection")?;
            let epoch = notes::epoch(&writers).await?;
            let (end, tail) = tail::follow(move || pool(1));
            let (months, in_doubt) = (Months::default(), AtomicBool::new(false));
            Ok(Self { writers, readers, epoch, months, in_doubt, end, _tail: tail })
        })
    }

    /// Closes every connection; what waits is answered first.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Store for Postgis {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    fn append(&self, draft: Draft) -> Answer<'_, Committed> {
        Box::pin(self.append_batch(draft))
    }

    fn head(&self) -> Answer<'_, Option<(Offset, Time)>> {
        Box::pin(log::head(&self.readers))
    }

    fn end(&self) -> watch::Receiver<Offset> {
        self.end.clone()
    }

    fn read(&self, after: Offset, most_events: usize) -> Answer<'_, Vec<(Offset, Batch)>> {
        Box::pin(self.read_log(after, most_events))
    }

    fn incidents(&self, ids: Vec<IncidentId>) -> Answer<'_, Vec<Incident>> {
        Box::pin(incidents::by_ids(&self.readers, ids))
    }

    fn checkpoints(&self) -> Answer<'_, Vec<Offset>> {
        Box::pin(checkpoints::list(&self.readers))
    }

    fn checkpoint(&self, offset: Offset) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(checkpoints::read(&self.readers, offset))
    }

    fn save_checkpoint(&self, offset: Offset, bytes: Vec<u8>) -> Answer<'_, ()> {
        Box::pin(checkpoints::save(&self.writers, offset, bytes))
    }

    fn drop_checkpoints(&self) -> Answer<'_, ()> {
        Box::pin(checkpoints::drop_all(&self.writers))
    }

    fn put_alerts(&self, records: Vec<AlertRecord>) -> Answer<'_, ()> {
        Box::pin(alerts::write(&self.writers, records))
    }

    fn drop_alerts(&self) -> Answer<'_, ()> {
        Box::pin(alerts::forget(&self.writers))
    }

    fn alert(&self, id: AlertId) -> Answer<'_, Option<Alert>> {
        Box::pin(alerts::one(&self.readers, id))
    }

    fn ended_alerts(&self, after: (Time, AlertId), most: u32) -> Answer<'_, Vec<Alert>> {
        Box::pin(alerts::ended(&self.readers, after, most))
    }

    fn alert_steps(
        &self,
        id: AlertId,
        before: (Offset, u32),
        most: u32,
    ) -> Answer<'_, Vec<PastStep>> {
        Box::pin(alerts::steps(&self.readers, id, before, most))
    }

    fn compacted(&self) -> Answer<'_, Offset> {
        Box::pin(tracks::compacted(&self.readers))
    }

    fn compact(&self, upto: Offset, most_events: usize) -> Answer<'_, Offset> {
        Box::pin(self.compact_log(upto, most_events))
    }

    fn known_fixes(&self, fixes: Vec<(UnitId, Time)>) -> Answer<'_, Vec<(UnitId, Time)>> {
        Box::pin(tracks::known(&self.readers, fixes))
    }

    fn track(&self, unit: UnitId, from: Time, to: Time, most: usize) -> Answer<'_, Vec<Position>> {
        Box::pin(tracks::track(&self.readers, unit, from, to, most))
    }

    fn has_fixes_before(&self, before: Time) -> Answer<'_, bool> {
        Box::pin(forgetting::has_fixes_before(&self.readers, before))
    }

    fn has_texts_before(&self, before: Time) -> Answer<'_, bool> {
        Box::pin(texts::are_before(&self.readers, before))
    }

    fn forget_some(&self, most_events: usize, now: Time) -> Answer<'_, bool> {
        Box::pin(self.forget_next(most_events, now))
    }

    fn forget_tracks(&self, forget: Forget) -> Answer<'_, ()> {
        Box::pin(self.forget_in_tracks(forget))
    }

    fn note<'a>(&'a self, key: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(notes::get(&self.readers, key))
    }

    fn set_note(&self, key: &'static str, text: String) -> Answer<'_, ()> {
        Box::pin(notes::set(&self.writers, key, text))
    }
}
