//! One client's conversation, over any sink and stream of messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::ws::{CloseFrame, Message};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use uuid::Uuid;

use crate::domain::text::without_mark;

use super::codes::{Close, Refusal};
use super::limits::Limits;
use super::live::{Admission, Live};
use super::outbox::{Next, Outbox, Slot};
use super::picture::Source;
use super::protocol::{self, Command, Connected};
use super::subscriptions::Subscriptions;

/// In how many parts the time for an answer is waited for.
const PONG_PARTS: u32 = 10;

/// Why a conversation ends.
enum End {
    /// The client has gone.
    Left,
    /// We end it, and say why.
    Close(Close),
}

/// Talks with one client until one of the two has had enough.
///
/// Three things go on at once in one task: reading commands, writing what waits
/// in the outbox, and asking whether the client is there. The first to end ends
/// all three; the hub forgets the client before its reason is written.
pub async fn talk<S, W, R, E>(live: &Live<S>, admission: &Admission, mut write: W, mut read: R)
where
    S: Source,
    W: Sink<Message> + Unpin,
    R: Stream<Item = Result<Message, E>> + Unpin,
{
    let limits = live.hub.limits();
    let outbox = Arc::new(Outbox::new(limits.queue_bytes));
    let heard = Heard::default();
    let end = {
        let mut client = Client {
            live,
            outbox: &outbox,
            heard: &heard,
            subscriptions: Subscriptions::new(live, admission.sight, Arc::clone(&outbox)),
            connected: false,
        };
        tokio::select! {
            end = client.listen(&mut read) => end,
            end = speak(&mut write, &outbox) => end,
            close = heard.watch(live, &outbox) => End::Close(close),
            () = live.stop.cancelled() => End::Close(Close::SHUTDOWN),
            () = admission.out.cancelled() => End::Close(Close::SIGNED_OUT),
        }
    };
    let farewell = async {
        match end {
            // Its own farewell is answered.
            End::Left => drop(write.close().await),
            End::Close(why) => {
                if why == Close::SLOW {
                    metrics::counter!("pilin_stream_slow_clients_total").increment(1);
                }
                tracing::debug!(code = why.code, reason = why.reason, "stream client closed");
                let frame = CloseFrame { code: why.code, reason: why.reason.into() };
                if write.send(Message::Close(Some(frame))).await.is_ok() {
                    // Reading on until the client closes too: to drop a socket with
                    // unread bytes in it could take the reason back.
                    while let Some(Ok(_)) = read.next().await {}
                }
            }
        }
    };
    // Who does not want to hear the reason is left without it.
    let _ = timeout(limits.linger, farewell).await;
}

struct Client<'a, S: Source> {
    live: &'a Live<S>,
    outbox: &'a Arc<Outbox>,
    heard: &'a Heard,
    subscriptions: Subscriptions<'a, S>,
    connected: bool,
}

impl<S: Source> Client<'_, S> {
    async fn listen<R, E>(&mut self, read: &mut R) -> End
    where
        R: Stream<Item = Result<Message, E>> + Unpin,
    {
        while let Some(Ok(message)) = read.next().await {
            self.heard.now();
            let text = match message {
                Message::Text(text) => text,
                Message::Binary(_) => return End::Close(Close::BINARY),
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => return End::Left,
            };
            if text.len() > self.live.hub.limits().message_bytes {
                return End::Close(Close::TOO_BIG);
            }
            for line in without_mark(&text).split('\n').filter(|line| !line.trim().is_empty()) {
                let Ok(command) = serde_json::from_str(line) else {
                    return End::Close(Close::BAD_REQUEST);
                };
                if let Err(why) = self.obey(command).await {
                    return End::Close(why);
                }
            }
        }
        End::Left
    }

    async fn obey(&mut self, command: Command) -> Result<(), Close> {
        if command.is_pong() {
            return Ok(());
        }
        let id = command.id;
        if let Some(()) = command.connect.map(drop) {
            if self.connected {
                return Err(Close::BAD_REQUEST);
            }
            self.connected = true;
            self.heard.introduced();
            let reply = Connected {
                client: &Uuid::now_v7().to_string(),
                version: concat!("pilin ", env!("CARGO_PKG_VERSION")),
                ping: self.live.hub.limits().ping.as_secs().max(1),
                pong: true,
            };
            self.outbox.push(protocol::reply(id, "connect", &reply).into());
        } else if !self.connected {
            return Err(Close::BAD_REQUEST);
        } else if let Some(subscribe) = command.subscribe {
            // Who does not read what was asked for may not ask for more.
            self.outbox.settled().await;
            if let Err(why) = self.subscriptions.subscribe(id, &subscribe).await {
                self.outbox.push(protocol::refuse(id, &why).into());
            }
        } else if let Some(unsubscribe) = command.unsubscribe {
            self.subscriptions.unsubscribe(&unsubscribe.channel);
            self.outbox.push(protocol::reply(id, "unsubscribe", &serde_json::json!({})).into());
        } else if command.send.is_none() {
            self.outbox.push(protocol::refuse(id, &Refusal::UNKNOWN_METHOD).into());
        }
        Ok(())
    }
}

/// Writes what waits. Giving up half way leaves the rest of a message in the
/// sink, where the next flush finds it.
async fn speak<W: Sink<Message> + Unpin>(write: &mut W, outbox: &Outbox) -> End {
    loop {
        match outbox.next().await {
            Next::Close(why) => return End::Close(why),
            Next::Message(text, waited) => {
                let closed = tokio::select! {
                    sent = write.send(Message::Text(text)) => match sent {
                        Ok(()) => None,
                        Err(_) => Some(End::Left),
                    },
                    why = outbox.closed() => Some(End::Close(why)),
                };
                if let Some(end) = closed {
                    return end;
                }
                metrics::histogram!("pilin_stream_wait_seconds").record(waited.as_secs_f64());
            }
        }
    }
}

/// Whether the client has been heard of.
#[derive(Debug, Default)]
struct Heard {
    lately: AtomicBool,
    introduced: AtomicBool,
}

impl Heard {
    fn now(&self) {
        self.lately.store(true, Ordering::Relaxed);
    }

    fn introduced(&self) {
        self.introduced.store(true, Ordering::Relaxed);
    }

    /// Watches over a client until there is a reason to close.
    async fn watch<S: Source>(&self, live: &Live<S>, outbox: &Outbox) -> Close {
        let limits = live.hub.limits();
        let stale = async {
            sleep(limits.linger).await;
            if self.introduced.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stale => Close::STALE,
            () = self.silence(limits, outbox) => Close::NO_PONG,
        }
    }

    /// Asks from time to time whether the client is there; returns when it does
    /// not answer. Behind a long queue the question itself takes its time: as
    /// long as the queue moves, the client is there.
    async fn silence(&self, limits: &Limits, outbox: &Outbox) {
        let mut beat = interval_at(Instant::now() + limits.ping, limits.ping);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            self.lately.store(false, Ordering::Relaxed);
            let ping = Slot::default();
            outbox.push_into(&ping, &[protocol::PING.into()]);
            let (mut quiet, mut taken) = (0, outbox.taken_bytes());
            while !self.lately.load(Ordering::Relaxed) {
                sleep(limits.pong / PONG_PARTS).await;
                let before = std::mem::replace(&mut taken, outbox.taken_bytes());
                quiet = if ping.taken() && taken > before { 0 } else { quiet + 1 };
                if quiet > PONG_PARTS {
                    return;
                }
            }
        }
    }
}
