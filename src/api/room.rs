//! Room for bodies: however many clients send at once, what is held of their requests
//! has a bound, and whoever sends keeps others from little of it.
//!
//! What has come is counted, not what is promised. Each asker has a share, and those who
//! have not signed in have a small one together. Where there is no room a body waits, and
//! its sender with it; a body that brings nothing for some seconds is cut.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::asker::Asker;
use super::problem::ApiError;

/// Room for all bodies together, for those of one asker, for all of those who have not
/// signed in, and for those of one network of these; bytes.
const ROOM: usize = 256 << 20;
const SHARE: usize = 64 << 20;
const STRANGERS: usize = 32 << 20;
const STRANGER: usize = 2 << 20;

/// How long a body waits for room, and how long it may bring nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a body that waits looks whether there is room.
const LOOK: Duration = Duration::from_millis(20);

/// The room there is; shared by all doors.
#[derive(Clone, Debug)]
pub struct Room {
    taken: Arc<Mutex<Taken>>,
    all: usize,
    share: usize,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    strangers: usize,
    by_asker: HashMap<Asker, usize>,
}

/// Why a body is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// It brings nothing.
    #[error("the body brings nothing for {} s", PATIENCE.as_secs())]
    Still,
    /// Whoever sends it has taken their share.
    #[error("more of your requests are under way than may be")]
    Share,
    /// There is no room at all.
    #[error("too many large requests are under way")]
    Full,
}

impl From<Cut> for ApiError {
    fn from(why: Cut) -> Self {
        match why {
            Cut::Still => Self::timeout(why),
            Cut::Share => Self::too_many(why, 1),
            Cut::Full => Self::unavailable(why),
        }
    }
}

/// What is held of one request.
#[derive(Clone, Debug)]
pub struct Held(Arc<Mutex<Hold>>);

#[derive(Debug)]
struct Hold {
    room: Room,
    asker: Asker,
    bytes: usize,
    cut: Option<Cut>,
}

impl Room {
    /// All of it, for bodies up to a size in bytes.
    pub fn new(largest: usize) -> Self {
        let share = SHARE.max(2 * largest);
        Self { taken: Arc::default(), all: ROOM.max(2 * share), share }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, asker: Asker, bytes: usize) -> Result<(), Cut> {
        let mut taken = self.lock();
        let is_stranger = matches!(asker, Asker::Stranger(_));
        let share = match asker {
            Asker::Stranger(_) => STRANGER,
            Asker::Open => self.all,
            Asker::Account(_) | Asker::Token(_) => self.share,
        };
        let own = taken.by_asker.get(&asker).copied().unwrap_or_default();
        if own + bytes > share {
            return Err(Cut::Share);
        }
        if taken.all + bytes > self.all || is_stranger && taken.strangers + bytes > STRANGERS {
            return Err(Cut::Full);
        }
        taken.all += bytes;
        taken.strangers += if is_stranger { bytes } else { 0 };
        taken.by_asker.insert(asker, own + bytes);
        Ok(())
    }

    fn give_back(&self, asker: Asker, bytes: usize) {
        let mut taken = self.lock();
        taken.all -= bytes;
        if matches!(asker, Asker::Stranger(_)) {
            taken.strangers -= bytes;
        }
        match taken.by_asker.get_mut(&asker) {
            Some(own) if *own > bytes => *own -= bytes,
            _ => drop(taken.by_asker.remove(&asker)),
        }
    }
}

impl Held {
    fn new(room: Room, asker: Asker) -> Self {
        Self(Arc::new(Mutex::new(Hold { room, asker, bytes: 0, cut: None })))
    }

    /// Why the body was cut, if it was.
    pub fn cut(&self) -> Option<Cut> {
        self.lock().cut
    }

    fn lock(&self) -> MutexGuard<'_, Hold> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: usize) -> Result<(), Cut> {
        let mut hold = self.lock();
        hold.room.take(hold.asker, bytes)?;
        hold.bytes += bytes;
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.room.give_back(self.asker, self.bytes);
    }
}

/// Lets a request in, and holds room for what comes of its body until it is answered.
pub async fn hold(
    State(room): State<Room>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let asker = Asker::of(request.extensions());
    let asker = asker.ok_or_else(|| ApiError::internal(&"room outside a guard"))?;
    let held = Held::new(room, asker);
    request.extensions_mut().insert(held.clone());
    let request = request.map(|body| Body::new(Metered::new(body, held.clone())));
    let answer = next.run(request).await;
    drop(held);
    Ok(answer)
}

/// A body whose bytes are counted as they come.
struct Metered {
    body: Body,
    held: Held,
    /// What has come and waits for room.
    waiting: Option<Frame<Bytes>>,
    /// Until when it may bring nothing, or wait.
    until: Option<Pin<Box<Sleep>>>,
    look: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    fn new(body: Body, held: Held) -> Self {
        Self { body, held, waiting: None, until: None, look: None }
    }

    /// Ready when it has been waited for too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.until.get_or_insert_with(|| Box::pin(sleep(PATIENCE))).as_mut().poll(context)
    }

    fn end(&self, why: Cut) -> axum::Error {
        self.held.lock().cut = Some(why);
        axum::Error::new(why)
    }
}

impl hyper::body::Body for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.waiting.is_none() {
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.until = None;
                    this.waiting = Some(frame);
                }
                Poll::Ready(end) => return Poll::Ready(end),
                Poll::Pending => {
                    ready!(this.poll_patience(context));
                    return Poll::Ready(Some(Err(this.end(Cut::Still))));
                }
            }
        }
        loop {
            let bytes = this.waiting.as_ref().and_then(Frame::data_ref).map_or(0, Bytes::len);
            let Err(why) = this.held.take(bytes) else {
                (this.until, this.look) = (None, None);
                return Poll::Ready(this.waiting.take().map(Ok));
            };
            if this.poll_patience(context).is_ready() {
                return Poll::Ready(Some(Err(this.end(why))));
            }
            let look = this.look.get_or_insert_with(|| Box::pin(sleep(LOOK)));
            ready!(look.as_mut().poll(context));
            this.look = None;
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http_body_util::BodyExt;
    use tokio::sync::mpsc;
    use tokio::time::Instant;
    use tokio_util::io::ReaderStream;

    use super::*;
    use crate::access::{AccountId, TokenId};

    const LI: Asker = Asker::Account(AccountId(1));
    const BUS: Asker = Asker::Token(TokenId(1));

    fn stranger(last: u8) -> Asker {
        Asker::Stranger(IpAddr::from([10, 0, 0, last]).into())
    }

    fn room() -> Room {
        Room::new(8 << 20)
    }

    #[test]
    fn each_has_a_share_and_strangers_have_little() {
        let room = room();
        assert_eq!(room.take(LI, 60 << 20), Ok(()));
        assert_eq!(room.take(LI, 5 << 20), Err(Cut::Share));
        assert_eq!(room.take(BUS, 5 << 20), Ok(()));
        assert_eq!(room.take(stranger(1), 3 << 20), Err(Cut::Share));
        let took = (1..100).filter(|at| room.take(stranger(*at), 1 << 20).is_ok()).count();
        assert_eq!(took, 32, "and no more together");
        room.give_back(LI, 60 << 20);
        room.give_back(BUS, 5 << 20);
        (1..=32).for_each(|at| room.give_back(stranger(at), 1 << 20));
        let taken = room.lock();
        assert!(taken.all == 0 && taken.strangers == 0 && taken.by_asker.is_empty());
    }

    #[tokio::test]
    async fn what_has_come_is_held_until_it_is_answered() {
        let room = room();
        let held = Held::new(room.clone(), LI);
        let body = Metered::new(Body::from("0123456789"), held.clone());
        assert_eq!(body.collect().await.unwrap().to_bytes(), "0123456789");
        assert_eq!(room.lock().all, 10);
        drop(held);
        assert_eq!(room.lock().all, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_brings_nothing_is_cut_and_a_slow_one_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(10);
        let held = Held::new(room(), LI);
        let body = Body::from_stream(ReaderStream::new(ours));
        let body = Metered::new(body, held.clone()).collect();
        let begun = Instant::now();
        let send = async {
            for _ in 0..20 {
                sleep(PATIENCE.saturating_sub(Duration::from_secs(1))).await;
                tokio::io::AsyncWriteExt::write_all(&mut theirs, b"x").await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        let read = tokio::select! {
            read = body => read,
            () = send => unreachable!("it does not end"),
        };
        read.unwrap_err();
        assert_eq!(held.cut(), Some(Cut::Still));
        assert!(begun.elapsed() >= Duration::from_secs(85), "{:?}", begun.elapsed());
        assert_eq!(held.lock().bytes, 20);
    }

    #[tokio::test(start_paused = true)]
    async fn where_there_is_no_room_a_body_waits_for_a_while() {
        let room = room();
        room.take(LI, 64 << 20).unwrap();
        let (told, mut hears) = mpsc::unbounded_channel();
        for _ in 0..2 {
            let (held, told) = (Held::new(room.clone(), LI), told.clone());
            tokio::spawn(async move {
                let body = Metered::new(Body::from("0123456789"), held.clone());
                let read = body.collect().await.is_ok();
                told.send((read, held.cut())).unwrap();
            });
        }
        sleep(PATIENCE / 2).await;
        room.give_back(LI, 10);
        let both = [hears.recv().await.unwrap(), hears.recv().await.unwrap()];
        assert!(both.contains(&(true, None)), "{both:?}");
    }
}
