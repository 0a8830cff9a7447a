//! What the store is doing for the task: one thing at a time.

use std::fmt::Display;

use tokio::task::{JoinError, JoinHandle};

use crate::domain::Time;
use crate::store::StoreError;

use super::commit::{Done, Page};
use super::parcel::Waiting;

/// What is under way.
#[derive(Debug)]
pub enum Work {
    /// Nothing.
    None,
    /// A batch is being committed. Who waits for it stays here, so that they are
    /// answered whatever becomes of the task.
    Commit {
        /// The store at work.
        task: JoinHandle<Result<Done, StoreError>>,
        /// Who waits.
        waiting: Vec<Waiting>,
        /// What a driven clock shows once the batch is durable.
        clock: Option<Time>,
    },
    /// The log is being read on.
    Read(JoinHandle<Result<Page, StoreError>>),
}

/// Why something did not come about: the store failed, or the task broke down.
pub type Why = Box<dyn Display + Send>;

/// What came of it.
pub enum Outcome {
    /// Of a commit, with who waits for it.
    Commit(Result<Done, Why>, Vec<Waiting>, Option<Time>),
    /// Of reading on.
    Read(Result<Page, Why>),
}

impl Work {
    /// Whether nothing is under way.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether a batch is being committed.
    pub const fn is_commit(&self) -> bool {
        matches!(self, Self::Commit { .. })
    }

    /// What came of it; pending for ever if nothing is under way. To be asked until
    /// it answers, and not again.
    pub async fn done(&mut self) -> Outcome {
        match self {
            Self::None => std::future::pending().await,
            Self::Commit { task, waiting, clock } => {
                let done = whole(task.await);
                Outcome::Commit(done, std::mem::take(waiting), *clock)
            }
            Self::Read(task) => Outcome::Read(whole(task.await)),
        }
    }
}

fn whole<T>(done: Result<Result<T, StoreError>, JoinError>) -> Result<T, Why> {
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(why)) => Err(Box::new(why)),
        Err(why) => Err(Box::new(why)),
    }
}
