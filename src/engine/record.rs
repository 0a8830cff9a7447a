//! An alert, and what is known of it beyond what it shows.

use std::sync::Arc;

use crate::domain::alert::Acknowledgement;
use crate::domain::{Alert, AlertState, Time};

use super::tally::DAY_MS;
use super::window::Window;

/// An alert that is not yet forgotten.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub alert: Arc<Alert>,
    /// The cluster it is about, while there is one.
    pub cluster: Option<u32>,
    /// Once it has lost one: when its last members occurred, the oldest first.
    pub recent: Arc<[Time]>,
    /// The acknowledgement that the present one replaced.
    pub replaced: Option<Acknowledgement>,
    /// How long it may fade, and how long after it may reopen: its rule's, or the
    /// last one's if that is gone.
    pub hold_ms: i64,
    pub cooldown_ms: i64,
}

impl Record {
    /// Whether its life goes on.
    pub(super) fn lives(&self) -> bool {
        matches!(self.alert.state, AlertState::Open | AlertState::Fading)
    }

    /// When something happens to it by itself next.
    pub(super) fn due(&self) -> Option<Time> {
        self.clears_at().into_iter().chain(self.grows_older_at()).min()
    }

    /// When it clears unless it recovers, while fading.
    pub(super) fn clears_at(&self) -> Option<Time> {
        self.alert.fading_since.filter(|_| self.lives()).map(|since| since + self.hold_ms)
    }

    /// When its trend is another, while it fades without a cluster.
    fn grows_older_at(&self) -> Option<Time> {
        let (day, before) = self.alert.trend;
        let next = |counted: u32, days: i64| {
            let at = self.recent.len().checked_sub(counted as usize)?;
            self.recent.get(at).map(|&occurred_at| occurred_at + days * DAY_MS)
        };
        let dues = [next(day, 1), next(day + before, 2)];
        dues.into_iter().flatten().min().filter(|_| self.lives())
    }

    /// Leaves it without the cluster it had.
    pub(super) fn detach(&mut self, window: &Window) {
        if self.cluster.take().is_none() {
            return;
        }
        let occurred = |&id| window.get(id).map(|facts| facts.incident.occurred_at);
        let mut recent: Vec<Time> = self.alert.members.iter().filter_map(occurred).collect();
        recent.sort_unstable();
        self.recent = recent.into();
    }

    /// Brings the trend to an instant, without a cluster; whether it is another now.
    pub(super) fn grow_older(&mut self, now: Time) -> bool {
        let since = |days: i64| {
            let older = self.recent.partition_point(|&at| at <= now - days * DAY_MS);
            u32::try_from(self.recent.len() - older).unwrap_or(u32::MAX)
        };
        let (day, both) = (since(1), since(2));
        let trend = (day, both - day);
        let other = trend != self.alert.trend;
        if other {
            Arc::make_mut(&mut self.alert).trend = trend;
        }
        other
    }

    /// When nobody needs it any more, once ended: those ended within the last day
    /// are shown, and those cooling down may reopen.
    pub(super) fn forgotten_at(&self) -> Option<Time> {
        self.alert.ended_at.map(|ended| ended + self.cooldown_ms.max(DAY_MS))
    }

    /// Whether a rising cluster may take it over.
    pub(super) fn is_free(&self, now: Time) -> bool {
        match self.alert.state {
            AlertState::Fading => self.cluster.is_none(),
            AlertState::Cleared => {
                self.alert.ended_at.is_some_and(|ended| now <= ended + self.cooldown_ms)
            }
            AlertState::Open | AlertState::Merged => false,
        }
    }
}
