//! Messages of a socket, each of which must come whole within some time.
//!
//! A message that is begun, in fragments or in one frame, and never ended, holds what
//! has come of it. The socket below tells of whole messages only, and answers pings in
//! between; so bytes are counted: what has come since the last message was whole, and is
//! no ping or pong, belongs to one that is not.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::Stream;
use futures_util::stream::SplitStream;
use tokio::time::{Sleep, sleep};

use super::socket::Received;

/// How long a message may take; a phone's network may be bad.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of a control frame beside what it carries: its head, and the mask.
const HEAD: u64 = 6;

/// A message took too long, or the socket failed.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// It took too long.
    #[error("a message was not whole within {} s", PATIENCE.as_secs())]
    Unfinished,
    /// The socket failed.
    #[error(transparent)]
    Socket(axum::Error),
}

/// The messages of a socket.
#[derive(Debug)]
pub struct Messages<S = SplitStream<WebSocket>> {
    from: S,
    /// None where nobody counts.
    received: Option<Received>,
    /// So many bytes belong to what was whole.
    accounted: u64,
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Messages<S> {
    /// Of a socket on whose connection `received` are.
    pub fn new(from: S, received: Option<Received>) -> Self {
        let accounted = received.as_ref().map_or(0, Received::bytes);
        Self { from, received, accounted, until: None }
    }

    fn account_for(&mut self, message: &Message) {
        let Some(received) = &self.received else { return };
        self.accounted = match message {
            Message::Ping(carried) | Message::Pong(carried) => {
                let carried = u64::try_from(carried.len()).unwrap_or_default();
                (self.accounted + HEAD + carried).min(received.bytes())
            }
            _ => received.bytes(),
        };
        self.until = None;
    }
}

impl<S> Stream for Messages<S>
where
    S: Stream<Item = Result<Message, axum::Error>> + Unpin,
{
    type Item = Result<Message, MessageError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match Pin::new(&mut this.from).poll_next(context) {
            Poll::Ready(Some(Ok(message))) => {
                // One that is cut short by pings has no more time for them.
                let until = this.until.take();
                this.account_for(&message);
                if matches!(message, Message::Ping(_) | Message::Pong(_)) {
                    this.until = until;
                }
                return Poll::Ready(Some(Ok(message)));
            }
            Poll::Ready(Some(Err(why))) => {
                return Poll::Ready(Some(Err(MessageError::Socket(why))));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {}
        }
        let unfinished =
            this.received.as_ref().is_some_and(|received| received.bytes() > this.accounted);
        if !unfinished {
            this.until = None;
            return Poll::Pending;
        }
        let until = this.until.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        until.as_mut().poll(context).map(|()| Some(Err(MessageError::Unfinished)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use tokio::time::{Instant, timeout};

    use super::*;

    type Told = UnboundedSender<Result<Message, axum::Error>>;

    fn socket()
    -> (Told, Received, Messages<impl Stream<Item = Result<Message, axum::Error>> + Unpin>) {
        let (told, mut heard) = unbounded_channel();
        let received = Received::default();
        let from = stream::poll_fn(move |context| heard.poll_recv(context));
        (told, received.clone(), Messages::new(from, Some(received)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_is_never_whole_is_given_up_though_pings_are_answered() {
        let (told, received, mut messages) = socket();
        let begun = Instant::now();
        received.more(1_000);
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(3)).await;
                received.more(6 + 4);
                let _gone = told.send(Ok(Message::Pong("pong".into())));
            }
        });
        let end = loop {
            match messages.next().await.unwrap() {
                Ok(message) => assert!(matches!(message, Message::Pong(_))),
                Err(why) => break why,
            }
        };
        assert!(matches!(end, MessageError::Unfinished), "{end}");
        assert_eq!(begun.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_but_pongs_or_sends_whole_messages_may_stay() {
        let (told, received, mut messages) = socket();
        for round in 0..50 {
            let message = match round % 3 {
                0 => Message::Pong("a".into()),
                1 => Message::Ping("".into()),
                _ => Message::Text("whole".into()),
            };
            // A text comes in two pieces, some seconds apart.
            let carried = match &message {
                Message::Ping(bytes) | Message::Pong(bytes) => 6 + bytes.len(),
                _ => 3,
            };
            received.more(carried);
            assert!(timeout(PATIENCE / 2, messages.next()).await.is_err());
            if let Message::Text(_) = message {
                received.more(8);
            }
            told.send(Ok(message)).unwrap();
            messages.next().await.unwrap().unwrap();
            assert!(timeout(3 * PATIENCE, messages.next()).await.is_err(), "it rests");
        }
        drop(told);
        assert!(messages.next().await.is_none());
    }
}
