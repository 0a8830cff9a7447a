//! What was published lately, for those who come back.

use std::collections::VecDeque;

use crate::domain::Offset;

/// The newest publications of a topic, oldest first, at most `limit` bytes.
///
/// Everything published after `floor` is in it: who has seen all up to an offset
/// at or above the floor can be told exactly what follows.
#[derive(Debug)]
pub struct History<T> {
    floor: Offset,
    entries: VecDeque<Entry<T>>,
    /// Bytes ever pushed, and those of them that are gone again.
    pushed: u64,
    gone: u64,
    limit: u64,
}

#[derive(Debug)]
struct Entry<T> {
    offset: Offset,
    /// [`History::pushed`] with this one.
    pushed: u64,
    item: T,
}

impl<T> History<T> {
    /// Nothing yet; all that will be published comes after `floor`.
    #[must_use]
    pub fn new(floor: Offset, limit_bytes: usize) -> Self {
        Self {
            floor,
            entries: VecDeque::new(),
            pushed: 0,
            gone: 0,
            limit: limit_bytes.try_into().unwrap_or(u64::MAX),
        }
    }

    /// Adds what was published; offsets rise.
    pub fn push(&mut self, offset: Offset, bytes: usize, item: T) {
        self.pushed += bytes as u64;
        self.entries.push_back(Entry { offset, pushed: self.pushed, item });
        while self.pushed - self.gone > self.limit {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.gone = oldest.pushed;
            self.floor = oldest.offset;
        }
    }

    /// What was published after an offset, oldest first; `None` if some of it is
    /// no longer here.
    #[must_use]
    pub fn since(&self, offset: Offset) -> Option<impl Iterator<Item = (Offset, &T)>> {
        let from = self.entries.partition_point(|entry| entry.offset <= offset);
        (offset >= self.floor)
            .then(|| self.entries.range(from..).map(|entry| (entry.offset, &entry.item)))
    }

    /// How many bytes were published after an offset; `None` like
    /// [`History::since`].
    #[must_use]
    pub fn bytes_since(&self, offset: Offset) -> Option<u64> {
        if offset < self.floor {
            return None;
        }
        let from = self.entries.partition_point(|entry| entry.offset <= offset);
        let before = from.checked_sub(1).map_or(self.gone, |at| self.entries[at].pushed);
        Some(self.pushed - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(history: &History<&'static str>, since: u64) -> Option<Vec<&'static str>> {
        Some(history.since(Offset(since))?.map(|(_, item)| *item).collect())
    }

    #[test]
    fn what_was_missed_is_told_exactly_or_not_at_all() {
        let mut history = History::new(Offset(10), 100);
        history.push(Offset(12), 40, "a");
        history.push(Offset(15), 40, "b");
        assert_eq!(seen(&history, 9), None);
        assert_eq!(seen(&history, 10), Some(vec!["a", "b"]));
        assert_eq!(seen(&history, 13), Some(vec!["b"]));
        assert_eq!(history.bytes_since(Offset(10)), Some(80));
        history.push(Offset(16), 40, "c");
        assert_eq!(seen(&history, 11), None, "“a” is gone");
        assert_eq!(seen(&history, 12), Some(vec!["b", "c"]));
        assert_eq!(seen(&history, 16), Some(vec![]));
        assert_eq!(history.bytes_since(Offset(12)), Some(80));
        assert_eq!(history.bytes_since(Offset(15)), Some(40));
    }

    #[test]
    fn one_that_is_larger_than_the_limit_leaves_nothing_behind() {
        let mut history = History::new(Offset(0), 10);
        history.push(Offset(1), 40, "a");
        assert_eq!(seen(&history, 0), None);
        assert_eq!(seen(&history, 1), Some(vec![]));
    }
}
