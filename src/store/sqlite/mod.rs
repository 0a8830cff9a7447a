//! The store in one SQLite file, the default: nothing to install.
//!
//! WAL with `synchronous=FULL`: an answered commit survives a power cut. One
//! connection writes, taking `BEGIN IMMEDIATE` so that what a transaction read
//! still holds when it writes; readers have a pool of their own and never wait
//! for it; a third brings the write-ahead log in.

mod accounts;
mod alerts;
mod append;
mod audit;
mod backup;
mod checkpoints;
mod codes;
mod contents;
mod factors;
mod forgetting;
mod identities;
mod incidents;
mod list;
mod log;
mod notes;
mod registry;
mod repair;
mod replies;
mod rows;
mod schema;
mod sessions;
mod texts;
mod tokens;
mod tracks;
mod units;
mod wal;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Sqlite as Db, SqliteConnection, Transaction};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{
    Alert, AlertId, Batch, Forget, Incident, IncidentId, Offset, Position, Time, UnitId,
};

use super::error::During;
use super::{AlertRecord, Answer, Committed, Draft, PastStep, Store, StoreError};

/// Connections for readers: history queries are few, and two cores serve them.
const READERS: u32 = 4;

/// How long a statement waits for another process's lock before it fails.
const BUSY: Duration = Duration::from_secs(5);

/// A store in one file.
#[derive(Debug)]
pub struct Sqlite {
    /// One connection: SQLite has one writer at a time, and who waits here waits
    /// in turn.
    writer: SqlitePool,
    readers: SqlitePool,
    epoch: String,
    file: PathBuf,
    /// Stands still: one server has a file.
    end: watch::Sender<Offset>,
    _wal: AbortOnDropHandle<()>,
}

impl Sqlite {
    /// Opens a file, makes it if it is not there, and brings its schema up to
    /// date. One that it makes is for nobody else to read.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        if !file.exists() {
            make(file, OpenOptions::new().create(true).truncate(false))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .page_size(8192)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", wal::BACKSTOP_PAGES)
            .busy_timeout(BUSY);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|connection, _| Box::pin(is_whole(connection)))
            .connect_with(options.clone())
            .await
            .during("opening the store")?;
        schema::CHANGES
            .run(&writer)
            .await
            .map_err(|why| StoreError::Migrate { store: file.display().to_string(), why })?;
        let epoch = notes::epoch(&writer).await?;
        let wal = wal::keep_short(options.clone());
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .during("opening the store for reading")?;
        let (file, end) = (file.to_owned(), watch::Sender::new(Offset(0)));
        Ok(Self { writer, readers, epoch, file, end, _wal: wal })
    }

    /// Where it is.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Closes every connection; what waits is answered first.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Changes what is in it behind everybody's back.
    #[cfg(test)]
    pub(crate) async fn meddle(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.writer).await.unwrap();
    }

    /// Lets all who read wait as long as this is held.
    #[cfg(test)]
    pub(crate) async fn hold_readers(&self) -> Vec<sqlx::pool::PoolConnection<Db>> {
        let mut held = Vec::new();
        for _ in 0..READERS {
            held.push(self.readers.acquire().await.unwrap());
        }
        held
    }

    async fn begin(&self) -> Result<Transaction<'static, Db>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.during("beginning to write")
    }
}

/// Makes an empty file that its owner alone may read; what SQLite puts beside it has
/// the same mode.
fn make(file: &Path, options: &mut OpenOptions) -> Result<(), StoreError> {
    let made = options.write(true).mode(0o600).open(file);
    made.map(drop).map_err(|why| StoreError::File { file: file.to_owned(), why })
}

/// Whether a connection can be used again. Where the disk is full SQLite undoes a
/// transaction by itself, which its driver does not learn of: it would begin no other.
async fn is_whole(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

impl Store for Sqlite {
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
        self.end.subscribe()
    }

    fn read(&self, after: Offset, most_events: usize) -> Answer<'_, Vec<(Offset, Batch)>> {
        Box::pin(async move {
            let mut reader = self.readers.acquire().await.during("reading the log")?;
            log::read(&mut reader, after, most_events).await
        })
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
        Box::pin(checkpoints::save(&self.writer, offset, bytes))
    }

    fn drop_checkpoints(&self) -> Answer<'_, ()> {
        Box::pin(checkpoints::keep_newest(&self.writer, 0))
    }

    fn put_alerts(&self, records: Vec<AlertRecord>) -> Answer<'_, ()> {
        Box::pin(self.write_alerts(records))
    }

    fn drop_alerts(&self) -> Answer<'_, ()> {
        Box::pin(self.forget_alerts())
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
        Box::pin(notes::set(&self.writer, key, text))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use sqlx::migrate::Migrator;
    use sqlx::{QueryBuilder, Row};

    use super::*;
    use crate::pipeline::tests::world::report;
    use crate::store::{Owner, Verdict};

    #[tokio::test]
    async fn a_store_and_its_copy_are_for_nobody_else_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let modes = || {
            let all = folder.path().read_dir().unwrap().map(|entry| entry.unwrap());
            let mode = |file: &std::fs::DirEntry| file.metadata().unwrap().permissions().mode();
            all.map(|file| (file.file_name(), mode(&file) & 0o777)).collect::<Vec<_>>()
        };
        let file = folder.path().join("pilin.db");
        let store = Sqlite::open(&file).await.unwrap();
        store.back_up(&folder.path().join("copy.db")).await.unwrap();
        assert_eq!(modes().len(), 4, "with what SQLite puts beside it: {:?}", modes());
        assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());

        // Whom else somebody has let read it may go on.
        store.close().await;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        let store = Sqlite::open(&file).await.unwrap();
        assert!(modes().contains(&("pilin.db".into(), 0o640)), "{:?}", modes());
        store.close().await;
        let nowhere = folder.path().join("none/pilin.db");
        let why = Sqlite::open(&nowhere).await.unwrap_err().to_string();
        assert!(why.starts_with("making ") && why.contains("No such file"), "{why}");
    }

    #[tokio::test]
    async fn what_a_version_without_owners_stored_is_known_to_all_and_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pilin.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let older: Vec<_> = schema::CHANGES.iter().filter(|it| it.version < 7).cloned().collect();
        let older = Migrator { migrations: older.into(), ..Migrator::DEFAULT };
        older.run(&pool).await.unwrap();
        let put = "INSERT INTO incidents (id, source, external_id, matter, lng, lat, occurred_at, \
                   severity, description, media, provenance, seq) \
                   VALUES (1, 'test', '7', 'spoil', 121.0, 31.5, 1, 1, '', '[]', 'live', 1)";
        sqlx::query(put).execute(&pool).await.unwrap();
        pool.close().await;

        let store = Sqlite::open(&file).await.unwrap();
        let kept = store.incidents(vec![IncidentId(1)]).await.unwrap();
        assert_eq!((kept.len(), &*kept[0].external_id), (1, "7"));
        let ours = Owner(Some("320500".parse().unwrap()));
        let append = async |incidents| {
            let owners = vec![ours];
            store.append(Draft { incidents, owners, ..Draft::default() }).await.unwrap().incidents
        };
        let again = append(vec![report(7, 121.0)]).await;
        assert!(matches!(again[..], [Verdict::Differs(1, _)]), "{again:?}");
        assert_eq!(append(vec![report(8, 121.0)]).await, [Verdict::Accepted(2)]);
    }

    #[tokio::test]
    async fn what_is_known_is_looked_up_by_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("pilin.sqlite")).await.unwrap();
        let reports = [1, 2].map(|key| report(key, 121.0));
        let blocks = [(UnitId(1), 1), (UnitId(2), 1)];
        let asked: Vec<_> = reports.iter().map(|report| (report, Owner::NOBODY)).collect();
        for asked in [incidents::by_names(&asked), tracks::of_blocks(&blocks)] {
            let mut explain = QueryBuilder::<Db>::new("EXPLAIN QUERY PLAN ");
            explain.push(asked.sql().as_str());
            let plan = explain.build().fetch_all(&store.readers).await.unwrap();
            let steps = plan.iter().map(|step| step.get::<String, _>("detail"));
            let steps: Vec<_> = steps.filter(|step| !step.contains("CONSTANT")).collect();
            assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN incidents")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN tracks")), "{steps:?}");
        }
    }
}
