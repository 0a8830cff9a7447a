//! What the task does with the spool: keeps there what comes while the store is away,
//! and brings it into the store afterwards.

use tokio::task::JoinError;
use tokio::time::Instant;

use crate::spool::Record;
use crate::store::Draft;

use super::aside::{Fetched, Kept};
use super::gather::{Gathered, Of, Sealed};
use super::live::{Live, failed};
use super::parcel::{Waiting, refuse_all};
use super::portion::Portion;
use super::submission::Refused;
use super::work::{Besides, Work};

impl Live {
    /// While the store is away, keeps aside what has gathered and can wait; after
    /// that, as long as much is there. A batch that `hangs` keeps its place before it.
    pub fn keep_aside(&mut self, gathered: &mut Gathered, away: bool, hangs: bool) {
        if !self.aside.is_next(away || self.health.is_away()) {
            return;
        }
        let sealed = gathered.seal(Of::Patient, &mut self.fixes, &self.clock, &self.directory);
        if let Some(Sealed { draft, waiting, .. }) = sealed {
            let record = self.record(draft);
            self.aside.keep(record, waiting, hangs);
        }
    }

    /// Keeps aside a batch that failed, before what was kept while it hung.
    pub fn keep_first(&mut self, draft: Draft, waiting: Vec<Waiting>) {
        let record = self.record(draft);
        self.aside.keep_first(record, waiting);
    }

    fn record(&self, draft: Draft) -> Record {
        let units = self.directory.open();
        Record::of(draft, |id| units.code(id))
    }

    pub fn answer_kept(&mut self, kept: Kept) {
        let Kept { failure, waiting, units } = kept;
        let why = match failure {
            None => {
                self.directory.await_units(&units);
                for sender in waiting {
                    sender.kept(self.offset);
                }
                return;
            }
            Some(why) if why.is_full() => {
                self.absence.full(Instant::now(), &why);
                Refused::NoRoom
            }
            Some(why) => Refused::StoreFailed(failed("keeping aside", &why)),
        };
        refuse_all(waiting, &why);
    }

    /// Begins to commit what was found in the spool.
    pub fn bring_in(&mut self, fetched: Result<Fetched, JoinError>) -> Work {
        let found = match fetched {
            Ok(fetched) => {
                let found = self.aside.fetched(fetched);
                self.absence.look(Instant::now(), self.aside.held());
                found.unwrap_or_else(|why| {
                    self.absence.stuck(Instant::now(), &why);
                    Vec::new()
                })
            }
            Err(why) => {
                failed("reading the spool", &why);
                return Work::None;
            }
        };
        let Some(now) = self.clock.now().filter(|_| !found.is_empty()) else { return Work::None };
        let (mut portion, mut sealed) = Portion::seal(found, now, &mut self.fixes, &self.directory);
        sealed.draft.spooled = Some(self.aside.spooled(&mut portion));
        self.commit(sealed, self.offset, Besides { portion: Some(portion), ..Besides::default() })
    }
}
