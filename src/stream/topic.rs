//! A recoverable topic: its history and who listens.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::access::Sight;
use crate::domain::{Offset, Time};

use super::channel::Scope;
use super::history::History;
use super::outbox::Outbox;
use super::publication::Publication;
use super::rows::{Cut, Rows, Surveyor};

/// `alerts` or `incidents:…`. One lock guards history and listeners together,
/// so that joining and publishing have an order: what a joiner is not told as
/// missed, it is sent. The lock is held for a look-up, a cut or a push to each
/// listener's queue, never for a wait.
#[derive(Debug)]
pub struct Topic {
    top: Offset,
    history: History<Entry>,
    listeners: FxHashMap<Cut, Vec<Listener>>,
}

/// What one batch published on a topic.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As everybody's channel sends it.
    pub all: Publication,
    /// The server's time of the batch.
    pub at: Time,
    /// What its list of rows is called.
    pub list: &'static str,
    /// What scopes and sights are cut from.
    pub rows: Arc<Rows>,
}

#[derive(Debug)]
struct Listener {
    id: u64,
    outbox: Arc<Outbox>,
}

/// Someone who joins.
#[derive(Clone, Debug)]
pub struct Joiner<'a> {
    /// The subscription's number.
    pub id: u64,
    /// What of the topic.
    pub cut: Cut,
    /// The name of the channel.
    pub channel: &'a str,
    /// All up to here is had already.
    pub after: Offset,
    /// At most so many bytes may have been missed.
    pub within: u64,
}

/// A joiner's position, and what it missed.
#[derive(Debug)]
pub struct Joined {
    /// The newest offset.
    pub top: Offset,
    /// What was published since, oldest first.
    pub missed: Vec<Publication>,
}

impl Topic {
    /// Nothing published yet; what comes, comes after `floor`.
    #[must_use]
    pub fn new(floor: Offset, history_bytes: usize) -> Self {
        Self {
            top: floor,
            history: History::new(floor, history_bytes),
            listeners: FxHashMap::default(),
        }
    }

    /// Moves the newest offset without a publication.
    pub fn advance(&mut self, offset: Offset) {
        self.top = self.top.max(offset);
    }

    /// How many bytes were published after an offset; `None` if that is out of
    /// reach.
    #[must_use]
    pub fn bytes_since(&self, offset: Offset) -> Option<u64> {
        self.history.bytes_since(offset)
    }

    /// Sends an entry to all who listen, and keeps it: for each scope and sight that
    /// somebody listens with it is put together once. `name` names a scope's channel.
    pub fn publish(
        &mut self,
        offset: Offset,
        entry: Entry,
        surveyor: &Surveyor,
        name: impl Fn(Scope) -> String,
    ) {
        self.advance(offset);
        self.send(Cut::ALL, &entry.all);
        let whole = |scope| Cut { scope, sight: Sight::All };
        let mut touched: Vec<_> = entry
            .rows
            .scopes()
            .flat_map(|scopes| scopes.iter().copied().map(whole))
            .filter(|cut| self.listeners.contains_key(cut))
            .collect();
        touched.extend(self.listeners.keys().filter(|cut| cut.sight != Sight::All));
        touched.sort_unstable();
        touched.dedup();
        for cut in touched {
            if let Some(publication) = entry.cut(cut, surveyor, &name(cut.scope), offset) {
                self.send(cut, &publication);
            }
        }
        let kept = entry.all.bytes() + entry.rows.bytes();
        self.history.push(offset, kept, entry);
    }

    /// Tells what was missed, and from now on sends what comes, held back in the
    /// outbox until the reply is released. `None`, and nothing done, if what was
    /// missed is out of reach, or the joiner is ahead of us (of a store that was
    /// brought back from a copy, say).
    pub fn join(
        &mut self,
        joiner: &Joiner,
        surveyor: &Surveyor,
        outbox: &Arc<Outbox>,
    ) -> Option<Joined> {
        if joiner.after > self.top || self.history.bytes_since(joiner.after)? > joiner.within {
            return None;
        }
        let missed = self
            .history
            .since(joiner.after)?
            .filter_map(|(offset, entry)| entry.cut(joiner.cut, surveyor, joiner.channel, offset))
            .collect();
        outbox.hold();
        let listener = Listener { id: joiner.id, outbox: Arc::clone(outbox) };
        self.listeners.entry(joiner.cut).or_default().push(listener);
        Some(Joined { top: self.top, missed })
    }

    /// Sends nothing more to a subscription.
    pub fn leave(&mut self, cut: Cut, id: u64) {
        if let Some(listeners) = self.listeners.get_mut(&cut) {
            listeners.retain(|listener| listener.id != id);
            if listeners.is_empty() {
                self.listeners.remove(&cut);
            }
        }
    }

    fn send(&self, cut: Cut, publication: &Publication) {
        for listener in self.listeners.get(&cut).into_iter().flatten() {
            listener.outbox.push(publication.line());
        }
    }
}

impl Entry {
    /// What it holds for a scope and a sight, if anything.
    fn cut(
        &self,
        cut: Cut,
        surveyor: &Surveyor,
        channel: &str,
        offset: Offset,
    ) -> Option<Publication> {
        if cut == Cut::ALL {
            return Some(self.all.clone());
        }
        let rows: Vec<&str> = self.rows.of(cut, surveyor).collect();
        if rows.is_empty() {
            return None;
        }
        let head = format!(r#"{{"at":{},"{}":["#, self.at.ms(), self.list);
        Some(Publication::new(channel, &[&head, &rows.join(","), "]}"], Some(offset)))
    }
}
