//! A copy of the store, taken while it is in use.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use super::super::StoreError;
use super::super::error::During;
use super::{Sqlite, log, make};
use crate::domain::{Offset, Time};

impl Sqlite {
    /// Copies the store as it stands into a new file, checked and on the disk when
    /// this returns; how far its log goes. Writers go on meanwhile.
    ///
    /// What is made of the copy is another history: its epoch is its own, so that no
    /// client takes up the one where it left the other.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be written.
    pub async fn back_up(&self, to: &Path) -> Result<Option<(Offset, Time)>, StoreError> {
        // What is empty SQLite takes for a file that is not there.
        make(to, OpenOptions::new().create_new(true))?;
        sqlx::query("VACUUM INTO ?")
            .bind(to.to_string_lossy())
            .execute(&self.writer)
            .await
            .during("copying the store")?;
        let copy = SqliteConnectOptions::new().filename(to);
        let mut copy = copy.connect().await.during("opening the copy")?;
        sqlx::query("UPDATE meta SET value = ? WHERE key = 'epoch'")
            .bind(Uuid::now_v7().to_string())
            .execute(&mut copy)
            .await
            .during("giving the copy an epoch")?;
        check(&mut copy).await?;
        let head = log::head(&mut copy).await?;
        copy.close().await.during("closing the copy")?;
        on_disk(to).map_err(sqlx::Error::from).during("bringing the copy to the disk")?;
        Ok(head)
    }
}

async fn check(copy: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(copy)
        .await
        .during("checking the copy")?;
    if found == "ok" {
        return Ok(());
    }
    Err(sqlx::Error::Protocol(found)).during("checking the copy")
}

/// A file, and that it is there, outlast a power cut.
fn on_disk(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
