//! A connection's bytes: counted as they come, and given up when nobody takes what is
//! sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connections::Seat;

/// After so long without a byte taken a connection is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many bytes have come on a connection; told to its requests.
#[derive(Clone, Debug, Default)]
pub struct Received(Arc<AtomicU64>);

impl Received {
    /// So many.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// More have come.
    pub(super) fn more(&self, bytes: usize) {
        self.0.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// A connection, with its place.
#[derive(Debug)]
pub struct Socket<I> {
    io: I,
    received: Received,
    /// Runs while nothing of what is sent is taken.
    stuck: Option<Pin<Box<Sleep>>>,
    _seat: Seat,
}

impl<I> Socket<I> {
    /// In a place.
    pub fn new(io: I, seat: Seat) -> Self {
        Self { io, received: Received::default(), stuck: None, _seat: seat }
    }

    /// What counts its bytes.
    pub fn received(&self) -> Received {
        self.received.clone()
    }

    fn taken<T>(
        &mut self,
        context: &mut Context<'_>,
        sent: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stuck = None;
            return sent;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        match stuck.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Socket<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.io).poll_read(context, buffer);
        this.received.more(buffer.filled().len() - before);
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Socket<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let sent = Pin::new(&mut this.io).poll_write(context, bytes);
        this.taken(context, sent)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let sent = Pin::new(&mut this.io).poll_flush(context);
        this.taken(context, sent)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.io).poll_shutdown(context);
        this.taken(context, shut)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let sent = Pin::new(&mut this.io).poll_write_vectored(context, slices);
        this.taken(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::connections::Connections;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_what_is_sent_is_given_up_and_makes_room() {
        let all = Connections::new(1, 1);
        let (ours, mut theirs) = duplex(10);
        let mut socket = Socket::new(ours, all.admit(None, false).unwrap());
        socket.write_all(b"0123456789").await.unwrap();
        let (late, _) = tokio::join!(socket.write_all(b"more"), async {
            sleep(PATIENCE.saturating_sub(Duration::from_secs(1))).await;
            theirs.read_u8().await
        });
        late.unwrap_err();
        theirs.write_all(b"abc").await.unwrap();
        let received = socket.received();
        socket.read_u8().await.unwrap();
        socket.read_u16().await.unwrap();
        assert_eq!(received.bytes(), 3);
        drop(socket);
        assert!(all.admit(None, false).is_some());
    }
}
