//! Who has a socket open, and when it must close.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use tokio_util::sync::CancellationToken;

use crate::access::Viewer;
use crate::store::StoreError;
use crate::store::audit::Who;

use super::belief::Key;
use super::{BEAT, Credential, Gate, Outcome, Whence, lock};

/// One who has a socket open. As long as it lives the viewer is looked up anew.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who.
    pub viewer: Arc<Viewer>,
    /// Cancelled when the viewer is no longer let in, or is let in as another.
    pub out: CancellationToken,
    /// To be kept as long as the socket is open.
    pub seat: Arc<()>,
}

/// All who have sockets open: by the credential they came with, which the open
/// service needs none of.
#[derive(Debug, Default)]
pub struct Guests(HashMap<Option<Key>, Party>);

/// The sockets of one credential.
#[derive(Debug)]
struct Party {
    viewer: Arc<Viewer>,
    out: CancellationToken,
    seats: Weak<()>,
}

impl Gate {
    /// Takes in one who opens a socket.
    pub fn welcome(&self, credential: &Credential, viewer: &Arc<Viewer>) -> Guest {
        let key = Key::of(credential).filter(|_| **viewer != Viewer::Open);
        let mut guests = lock(&self.guests);
        if let Some(party) = guests.0.get(&key)
            && party.viewer == *viewer
            && let Some(seat) = party.seats.upgrade()
        {
            let (viewer, out) = (Arc::clone(viewer), party.out.child_token());
            return Guest { viewer, out, seat };
        }
        let seat = Arc::new(());
        let party = Party {
            viewer: Arc::clone(viewer),
            out: CancellationToken::new(),
            seats: Arc::downgrade(&seat),
        };
        let out = party.out.child_token();
        if let Some(before) = guests.0.insert(key, party) {
            // The same credential is another's now: those who came before go.
            before.out.cancel();
        }
        Guest { viewer: Arc::clone(viewer), out, seat }
    }

    /// Looks at the guests from time to time, and at the store for the first
    /// account. To be run once, beside the doors.
    pub async fn keep_watch(&self, stop: CancellationToken) {
        let mut told = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.stirred.notified() => {}
                () = tokio::time::sleep(BEAT) => {}
            }
            let looked = self.look_round().await;
            self.sum_refusals_up().await;
            if let Err(why) = &looked
                && !told
            {
                tracing::warn!(error = %why, "looking whether guests may stay; trying again");
            }
            // Once, not every time while the store is away.
            told = looked.is_err();
        }
    }

    pub(super) async fn look_round(&self) -> Result<(), StoreError> {
        if !self.is_closed() {
            if !self.registry.any_account().await? {
                return Ok(());
            }
            self.close();
        }
        let all: Vec<_> = {
            let mut guests = lock(&self.guests);
            guests.0.retain(|_, party| party.seats.strong_count() > 0);
            guests.0.iter().map(|(key, party)| (*key, Arc::clone(&party.viewer))).collect()
        };
        let keys = all.iter().filter_map(|(key, _)| *key).collect();
        let (mut found, failed) = self.beliefs.look_all_up(keys).await;
        for (key, viewer) in all {
            let now = match key {
                None => None,
                Some(key) => match found.remove(&key) {
                    Some(now) => now,
                    // Of whom the store does not say anything, what was let in stays.
                    None => continue,
                },
            };
            if now.as_ref() != Some(&*viewer)
                && let Some(party) = lock(&self.guests).0.remove(&key)
            {
                party.out.cancel();
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes how many refusals of those who have not signed in were not written one by
    /// one, once their minute is over.
    pub(super) async fn sum_refusals_up(&self) {
        let more = lock(&self.throttle).strangers_summed(self.now());
        if more == 0 {
            return;
        }
        let mut entry = self.entry(Who::Nobody, &Whence::default(), "sign-in", "");
        entry.outcome = Outcome::Refused(format!("{more} more were refused within a minute"));
        if let Err(why) = self.record(entry).await {
            tracing::error!(error = %why, more, "writing refusals to the audit log");
        }
    }
}
