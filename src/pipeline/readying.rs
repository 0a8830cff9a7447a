//! Rules on their way into the log: made ready first, beside the task that owns the
//! engine, so that it goes on taking reports and answering meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use crate::engine::{Engine, Prepared};

use super::gather::Gathered;
use super::live::failed;
use super::parcel::Parcel;
use super::submission::{Refused, Submission};

/// The most incidents for which neighbours are found for new rules, all those rules
/// together: some ten seconds and 500 MB. Beyond it they are refused.
const MOST_EFFORT: usize = 2_000_000;

/// Rules that wait, and those that are being made ready.
#[derive(Debug)]
pub struct Readying {
    waiting: VecDeque<Parcel>,
    under_way: Option<(Parcel, JoinHandle<Result<Prepared, usize>>)>,
    /// Held by those that are being made ready, or are and not answered yet.
    turn: Arc<Semaphore>,
}

impl Default for Readying {
    fn default() -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { waiting: VecDeque::new(), under_way: None, turn }
    }
}

impl Readying {
    /// Takes rules; gives back what is none.
    pub fn take(&mut self, parcel: Parcel) -> Option<Parcel> {
        if !matches!(parcel.submission, Submission::Rules { .. }) {
            return Some(parcel);
        }
        self.waiting.push_back(parcel);
        None
    }

    /// Whether nothing waits or is being made ready.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_none()
    }

    /// Begins with the next, if those before are answered.
    pub fn begin_next(&mut self, engine: &Engine) {
        if self.waiting.is_empty() {
            return;
        }
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else { return };
        let Some(mut parcel) = self.waiting.pop_front() else { return };
        let Submission::Rules { rules, .. } = &parcel.submission else { return };
        let preparation = engine.prepare(rules);
        parcel.sender.turn = Some(turn);
        let task = spawn_blocking(move || {
            let effort = preparation.effort();
            if effort > MOST_EFFORT { Err(effort) } else { Ok(preparation.build()) }
        });
        self.under_way = Some((parcel, task));
    }

    /// What came of those being made ready; pending for ever if there are none.
    pub async fn done(&mut self) -> Result<Result<Prepared, usize>, JoinError> {
        match &mut self.under_way {
            Some((_, task)) => task.await,
            None => std::future::pending().await,
        }
    }

    /// Lets those that are ready go on into the log.
    pub fn settle(
        &mut self,
        done: Result<Result<Prepared, usize>, JoinError>,
        engine: &mut Engine,
        gathered: &mut Gathered,
    ) {
        let Some((parcel, _)) = self.under_way.take() else { return };
        match done {
            Ok(Ok(prepared)) => {
                engine.adopt(prepared);
                gathered.push(parcel);
            }
            Ok(Err(effort)) => {
                parcel.sender.tell(Err(Refused::Effort { effort, most: MOST_EFFORT }));
            }
            Err(why) => {
                let number = failed("making rules ready", &why);
                parcel.sender.tell(Err(Refused::StoreFailed(number)));
            }
        }
    }
}

/// Lets go of what rules that hold no longer have left behind, elsewhere.
pub fn let_go(engine: &mut Engine) {
    let spent = engine.take_spent();
    // Nobody waits for it.
    drop(spawn_blocking(move || drop(spent)));
}
