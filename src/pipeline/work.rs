//! What the store is doing for the task: one thing at a time.

use tokio::task::{JoinError, JoinHandle};

use crate::domain::Time;
use crate::store::{Draft, StoreError};

use super::aside::Fetched;
use super::commit::{Done, Page};
use super::parcel::Waiting;
use super::portion::Portion;

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
        /// What is to become of it besides.
        besides: Box<Besides>,
    },
    /// The log is being read on.
    Read(JoinHandle<Result<Page, StoreError>>),
    /// The spool is being read.
    Fetch(JoinHandle<Result<Fetched, JoinError>>),
}

/// What follows from a commit, besides what its senders are answered.
#[derive(Debug, Default)]
pub struct Besides {
    /// What a driven clock shows once the batch is durable.
    pub clock: Option<Time>,
    /// What of the spool is in it.
    pub portion: Option<Portion>,
    /// The batch once more, to be kept aside if it cannot be committed.
    pub copy: Option<Draft>,
}

/// Why something did not come about.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The task broke down.
    #[error(transparent)]
    Broken(#[from] JoinError),
}

impl Why {
    /// Whether the same may go through later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Store(why) => why.may_pass(),
            Self::Broken(_) => false,
        }
    }
}

/// What came of it.
pub enum Outcome {
    /// Of a commit, with who waits for it.
    Commit(Result<Done, Why>, Vec<Waiting>, Box<Besides>),
    /// Of reading on.
    Read(Result<Page, Why>),
    /// Of reading the spool.
    Fetch(Result<Fetched, JoinError>),
}

impl Work {
    /// Whether nothing is under way.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it is a batch that is kept aside if it cannot be committed.
    pub const fn may_be_kept(&self) -> bool {
        matches!(self, Self::Commit { besides, .. } if besides.copy.is_some())
    }

    /// Whether the service is not to stop before it is done.
    pub const fn must_end(&self) -> bool {
        matches!(self, Self::Commit { .. } | Self::Fetch(_))
    }

    /// What came of it; pending for ever if nothing is under way. To be asked until
    /// it answers, and not again.
    pub async fn done(&mut self) -> Outcome {
        match self {
            Self::None => std::future::pending().await,
            Self::Commit { task, waiting, besides } => {
                let done = whole(task.await);
                Outcome::Commit(done, std::mem::take(waiting), std::mem::take(besides))
            }
            Self::Read(task) => Outcome::Read(whole(task.await)),
            Self::Fetch(task) => Outcome::Fetch(task.await.and_then(|read| read)),
        }
    }
}

fn whole<T>(done: Result<Result<T, StoreError>, JoinError>) -> Result<T, Why> {
    Ok(done??)
}
