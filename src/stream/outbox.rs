//! What waits for one client.

use std::collections::VecDeque;
use std::mem;
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
    closed: Option<Close>,
}

#[derive(Debug)]
struct Item {
    line: Utf8Bytes,
    counts: bool,
    slot: Option<Slot>,
    since: Instant,
}

/// The one place that a channel of units has in a client's queue.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<AtomicBool>);

impl Slot {
    /// Whether a frame waits in it.
    #[must_use]
    pub fn taken(&self) -> bool {
        self.0.load(Ordering::Acquire)
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

    /// A line that must arrive.
    pub fn push(&self, line: Utf8Bytes) {
        self.add([line], true, None);
    }

    /// Lines that must arrive and are shared or asked for.
    pub fn push_shared(&self, lines: impl IntoIterator<Item = Utf8Bytes>) {
        self.add(lines, false, None);
    }

    /// A frame of units; `slot` must be free, and is until the last of the lines
    /// was taken.
    pub fn push_units(&self, lines: &[Utf8Bytes], slot: &Slot) {
        slot.0.store(true, Ordering::Release);
        self.add(lines.iter().cloned(), false, Some(slot));
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

    /// Lets everything go, and has the session close.
    pub fn close(&self, why: Close) {
        let mut queue = self.lock();
        queue.shut(why);
        drop(queue);
        self.notify_closed();
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

    /// Bytes that count and wait.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.lock().counted
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
        drop(queue);
        self.drained.notify_one();
        let waited = since?.elapsed();
        // A line that goes alone is shared as it is.
        let message = if lines.len() == 1 { lines.pop()? } else { joined(&lines, bytes) };
        Some(Next::Message(message, waited))
    }

    fn add(&self, lines: impl IntoIterator<Item = Utf8Bytes>, counts: bool, slot: Option<&Slot>) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let mut added = 0;
        for line in lines {
            added += line.len();
            queue.line_up().push_back(Item::new(line, counts));
        }
        if let Some(last) = queue.line_up().back_mut() {
            last.slot = slot.cloned();
        }
        if counts {
            queue.counted += added;
            if queue.counted > self.limit {
                queue.shut(Close::SLOW);
                drop(queue);
                return self.notify_closed();
            }
        }
        drop(queue);
        self.filled.notify_one();
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
                slot.0.store(false, Ordering::Release);
            }
            return Some(item);
        }
        // Stats wait while a reply is being made, which may be their own.
        let free = self.held.is_none() && self.latest.as_ref().is_some_and(fits);
        if free { self.latest.take() } else { None }
    }

    fn shut(&mut self, why: Close) {
        if self.closed.is_none() {
            *self = Self { closed: Some(why), ..mem::take(self) };
            self.ready = VecDeque::new();
            self.held = None;
            self.latest = None;
            self.counted = 0;
        }
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
