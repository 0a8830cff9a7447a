//! What waits for one client.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::codes::Close;
use super::lock::lock;

/// The bytes that are put into one WebSocket message before it is sent: few
/// messages, and little for the socket to copy at a time.
const MESSAGE_BYTES: usize = 64 << 10;

/// The queue of one client.
///
/// Lines of alerts, incidents and replies are never dropped: beyond `limit`
/// bytes of them the client is closed with [`Close::SLOW`], and everything that
/// waited is let go. Snapshots and what a resume fetches are shared by all who
/// get them and do not count; nor do units, of which one frame a channel may
/// wait, and stats, of which the newest waits alone.
#[derive(Debug)]
pub struct Outbox {
    limit: usize,
    queue: Mutex<Queue>,
    /// Something to send.
    filled: Notify,
    /// Something was sent.
    drained: Notify,
    /// Everything was let go.
    shut: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    ready: VecDeque<Item>,
    /// What came while a reply is being made that must go out before it.
    held: Option<VecDeque<Item>>,
    latest: Option<Item>,
    counted: usize,
    /// Bytes ever handed out.
    taken: u64,
    closed: Option<Close>,
}

#[derive(Debug)]
struct Item {
    line: Utf8Bytes,
    counts: bool,
    slot: Option<Slot>,
    since: Instant,
}

/// The one place that a channel of units, or a ping, has in a client's queue.
/// Changed only under the queue's lock, and read without it.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<Place>);

#[derive(Debug, Default)]
struct Place {
    taken: AtomicBool,
    left: AtomicBool,
}

impl Slot {
    /// Whether something waits in it.
    #[must_use]
    pub fn taken(&self) -> bool {
        self.0.taken.load(Ordering::Acquire)
    }
}

/// What [`Outbox::next`] hands out.
#[derive(Debug)]
pub enum Next {
    /// One WebSocket message, and how long its oldest line has waited.
    Message(Utf8Bytes, Duration),
    /// No more; close.
    Close(Close),
}

impl Outbox {
    /// An empty queue that takes `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            queue: Mutex::default(),
            filled: Notify::new(),
            drained: Notify::new(),
            shut: Notify::new(),
        }
    }

    /// A line that must arrive. A line longer than the limit is taken when
    /// nothing else waits: to send the client away would not make it shorter.
    pub fn push(&self, line: Utf8Bytes) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let waiting = queue.counted;
        queue.counted += line.len();
        queue.line_up().push_back(Item::new(line, true));
        if waiting > 0 && queue.counted > self.limit {
            queue.shut(Close::SLOW);
            drop(queue);
            return self.notify_closed();
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// A frame in one or more lines; nothing if its channel was left. `slot` must
    /// be free, and is taken until the last of the lines is.
    pub fn push_into(&self, slot: &Slot, lines: &[Utf8Bytes]) {
        let mut queue = self.lock();
        let Some((last, before)) = lines.split_last() else { return };
        if queue.closed.is_some() || slot.0.left.load(Ordering::Acquire) {
            return;
        }
        slot.0.taken.store(true, Ordering::Release);
        let waiting = queue.line_up();
        waiting.extend(before.iter().map(|line| Item::new(line.clone(), false)));
        waiting.push_back(Item { slot: Some(slot.clone()), ..Item::new(last.clone(), false) });
        drop(queue);
        self.filled.notify_one();
    }

    /// Nothing is put into this slot any more: a frame that is just being made
    /// must not arrive after the channel was given back and taken anew.
    pub fn leave(&self, slot: &Slot) {
        let _queue = self.lock();
        slot.0.left.store(true, Ordering::Release);
    }

    /// A frame that the next one replaces.
    pub fn push_latest(&self, line: Utf8Bytes) {
        let mut queue = self.lock();
        if queue.closed.is_none() {
            queue.latest = Some(Item::new(line, false));
            drop(queue);
            self.filled.notify_one();
        }
    }

    /// From now on, what is pushed waits for [`Outbox::release`].
    pub fn hold(&self) {
        self.lock().held.get_or_insert_default();
    }

    /// The reply that was being made, then what is `shared` after it, then what
    /// was held.
    pub fn release(&self, reply: Utf8Bytes, shared: impl IntoIterator<Item = Utf8Bytes>) {
        let mut queue = self.lock();
        let held = queue.held.take();
        if queue.closed.is_none() {
            let lines = [reply].into_iter().chain(shared);
            queue.ready.extend(lines.map(|line| Item::new(line, false)));
            queue.ready.extend(held.into_iter().flatten());
        }
        drop(queue);
        self.filled.notify_one();
    }

    fn notify_closed(&self) {
        self.filled.notify_one();
        self.drained.notify_one();
        self.shut.notify_one();
    }

    /// Waits until at most one message waits: a client that does not read is not
    /// read from either.
    pub async fn settled(&self) {
        loop {
            let drained = self.drained.notified();
            {
                let queue = self.lock();
                let waiting: usize = queue.ready.iter().map(|item| item.line.len()).sum();
                if queue.closed.is_some() || waiting <= MESSAGE_BYTES {
                    return;
                }
            }
            drained.await;
        }
    }

    /// The next message; waits until there is one. Safe to drop while it waits.
    pub async fn next(&self) -> Next {
        loop {
            let filled = self.filled.notified();
            if let Some(next) = self.take() {
                return next;
            }
            filled.await;
        }
    }

    /// Waits until everything was let go; why.
    pub async fn closed(&self) -> Close {
        loop {
            let closed = self.shut.notified();
            if let Some(why) = self.lock().closed {
                return why;
            }
            closed.await;
        }
    }

    /// Bytes handed out since the beginning.
    #[must_use]
    pub fn taken_bytes(&self) -> u64 {
        self.lock().taken
    }

    fn take(&self) -> Option<Next> {
        let mut queue = self.lock();
        if let Some(why) = queue.closed {
            return Some(Next::Close(why));
        }
        let mut since = None;
        let mut lines = Vec::new();
        let mut bytes = 0;
        while let Some(item) = queue.pop(MESSAGE_BYTES.saturating_sub(bytes), lines.is_empty()) {
            bytes += item.line.len() + 1;
            since = since.min(Some(item.since)).or(Some(item.since));
            lines.push(item.line);
        }
        queue.taken += bytes as u64;
        drop(queue);
        let waited = since?.elapsed();
        self.drained.notify_one();
        // A line that goes alone is shared as it is.
        let message = if lines.len() == 1 { lines.pop()? } else { joined(&lines, bytes) };
        Some(Next::Message(message, waited))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

impl Queue {
    fn line_up(&mut self) -> &mut VecDeque<Item> {
        self.held.as_mut().unwrap_or(&mut self.ready)
    }

    /// The next item, if it is no longer than `room` or goes alone.
    fn pop(&mut self, room: usize, alone: bool) -> Option<Item> {
        let fits = |item: &Item| alone || item.line.len() <= room;
        if let Some(item) = self.ready.front() {
            if !fits(item) {
                return None;
            }
            let item = self.ready.pop_front()?;
            if item.counts {
                self.counted -= item.line.len();
            }
            if let Some(slot) = &item.slot {
                slot.0.taken.store(false, Ordering::Release);
            }
            return Some(item);
        }
        // Stats wait while a reply is being made, which may be their own.
        let free = self.held.is_none() && self.latest.as_ref().is_some_and(fits);
        if free { self.latest.take() } else { None }
    }

    fn shut(&mut self, why: Close) {
        *self = Self { closed: Some(why), taken: self.taken, ..Self::default() };
    }
}

impl Item {
    fn new(line: Utf8Bytes, counts: bool) -> Self {
        Self { line, counts, slot: None, since: Instant::now() }
    }
}

fn joined(lines: &[Utf8Bytes], bytes: usize) -> Utf8Bytes {
    let mut text = String::with_capacity(bytes);
    for line in lines {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// What is handed out now: lines of one message, or a close code.
    fn next(outbox: &Outbox) -> Option<String> {
        match outbox.next().now_or_never()? {
            Next::Message(text, _) => Some(text.replace('\n', " ")),
            Next::Close(why) => Some(why.code.to_string()),
        }
    }

    #[test]
    fn what_comes_while_a_reply_is_made_goes_out_after_it() {
        let outbox = Outbox::new(100);
        outbox.push("a".into());
        outbox.hold();
        outbox.push("c".into());
        outbox.push_latest("stats".into());
        assert_eq!(next(&outbox).unwrap(), "a");
        assert_eq!(next(&outbox), None);
        outbox.release("reply".into(), ["b".into()]);
        assert_eq!(next(&outbox).unwrap(), "reply b c stats");
        assert_eq!(next(&outbox), None);
    }

    #[test]
    fn one_long_line_is_taken_and_what_waits_beyond_the_limit_closes() {
        let outbox = Outbox::new(10);
        outbox.push("a line above the limit".into());
        assert_eq!(next(&outbox).unwrap(), "a line above the limit");
        outbox.push("0123456789".into());
        outbox.push("0".into());
        assert_eq!(next(&outbox).unwrap(), "3008");
        outbox.push("more".into());
        assert_eq!(next(&outbox).unwrap(), "3008");
        assert_eq!(outbox.closed().now_or_never(), Some(Close::SLOW));
        assert!(outbox.settled().now_or_never().is_some(), "nobody waits for a closed one");
    }

    #[test]
    fn a_slot_is_taken_until_its_last_line_is_and_free_of_what_came_too_late() {
        let outbox = Outbox::new(10);
        let slot = Slot::default();
        let long = "x".repeat(MESSAGE_BYTES);
        outbox.push_into(&slot, &["a".into(), long.into()]);
        assert!(slot.taken());
        assert_eq!(next(&outbox).unwrap(), "a");
        assert!(slot.taken());
        next(&outbox).unwrap();
        assert!(!slot.taken());
        outbox.push_into(&slot, &[]);
        outbox.leave(&slot);
        outbox.push_into(&slot, &["b".into()]);
        assert!(!slot.taken());
        assert_eq!(next(&outbox), None);
    }

    #[test]
    fn only_the_newest_stats_wait_and_behind_everything_else() {
        let outbox = Outbox::new(10);
        outbox.push_latest("1".into());
        outbox.push_latest("2".into());
        outbox.push("a".into());
        assert_eq!(next(&outbox).unwrap(), "a 2");
    }

    #[tokio::test]
    async fn who_waits_is_woken_whenever_something_comes_or_goes() {
        let outbox = Arc::new(Outbox::new(usize::MAX));
        let long: Utf8Bytes = "x".repeat(MESSAGE_BYTES).into();
        for _ in 0..100 {
            let reader = Arc::clone(&outbox);
            let reads = tokio::spawn(async move {
                for _ in 0..4 {
                    reader.next().await;
                }
            });
            for _ in 0..4 {
                outbox.push(long.clone());
                outbox.settled().await;
            }
            reads.await.unwrap();
        }
    }
}
