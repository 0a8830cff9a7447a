//! Taking in what the log holds beyond the engine, however much it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;

use super::commit::read_on;
use super::health::Health;
use super::live::Live;

impl Live {
    /// Takes in the batches of the log that the engine has not, page by page. What a
    /// page leaves behind is brought away before the next, so that a log of any
    /// length is replayed in the same memory.
    pub async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let page = read_on(Arc::clone(&self.store), self.offset, Duration::ZERO).await?;
            if page.is_empty() {
                self.health = Health::proven(Instant::now());
                return Ok(());
            }
            self.take_in(page);
            if self.fixes.compacted(self.behind.compacted()) >= self.behind.most_fixes() {
                self.behind.compact(&*self.store, self.offset).await?;
                self.fixes.compacted(self.behind.compacted());
            }
            self.notes.kept().await;
        }
    }
}
