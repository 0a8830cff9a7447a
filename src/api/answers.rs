//! Answers that may be large: made beside the threads that serve, a few at a time, and
//! to each who asks a share of them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::asker::Asker;
use super::body::whole;
use super::pass::Pass;
use super::problem::ApiError;

/// Bytes of a page, about: what would go beyond is on the next.
pub const PAGE_BYTES: usize = 4 << 20;

/// Answers that are made at once.
const MAKERS: usize = 2;

/// Answers under way of one who asks, until they are sent.
const SHARE: usize = 4;

/// How long one more waits for those before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer is sent in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// The shares of those who ask.
#[derive(Debug)]
pub struct Answers {
    makers: Arc<Semaphore>,
    shares: Mutex<HashMap<Asker, Arc<Semaphore>>>,
}

/// A place among the answers under way of one who asks.
#[derive(Debug)]
pub struct Share {
    makers: Arc<Semaphore>,
    place: Place,
}

/// What keeps the place until the answer is sent; the answer carries it.
#[derive(Clone, Debug)]
pub struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: Arc::new(permit) }
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self { makers: Arc::new(Semaphore::new(MAKERS)), shares: Mutex::default() }
    }
}

impl Answers {
    /// A place for one more answer; 429 if those before it are long under way.
    pub async fn share(&self, pass: &Pass) -> Result<Share, ApiError> {
        let waiting = self.of(Asker::from(&*pass.viewer)).acquire_owned();
        let place = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_long| {
            let why = format!("{SHARE} large answers to you are under way; wait for one of them");
            ApiError::too_many(why, 1)
        })?;
        let place = Place::new(place.map_err(|closed| ApiError::internal(&closed))?);
        Ok(Share { makers: Arc::clone(&self.makers), place })
    }

    fn of(&self, asker: Asker) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has nothing under way has no entry.
        shares.retain(|_, share| Arc::strong_count(share) > 1);
        Arc::clone(shares.entry(asker).or_insert_with(|| Arc::new(Semaphore::new(SHARE))))
    }
}

impl Share {
    /// Has something made beside the threads that serve.
    pub async fn make<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let maker = Arc::clone(&self.makers).acquire_owned().await;
        let maker = maker.map_err(|closed| ApiError::internal(&closed))?;
        // What is being made is made to its end, though nobody waits for it any more.
        let place = self.place.clone();
        let made = tokio::task::spawn_blocking(move || {
            let made = f();
            drop((maker, place));
            made
        });
        made.await.map_err(|why| ApiError::internal(&why))
    }

    /// Has an answer made, and keeps its place until that is sent.
    pub async fn answer(
        self,
        f: impl FnOnce() -> Response + Send + 'static,
    ) -> Result<Response, ApiError> {
        let (mut parts, body) = whole(self.make(f).await?).await?;
        parts.extensions.insert(self.place.clone());
        Ok(Response::from_parts(parts, held(body, Some(self.place))))
    }
}

/// A body that is sent in pieces, with others' work between them, and keeps its place
/// until it is.
pub fn held(bytes: Bytes, place: Option<Place>) -> Body {
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    Body::new(Pieces { rest: bytes, rested: false, _place: place })
}

struct Pieces {
    rest: Bytes,
    /// Whether others had their turn since the last piece.
    rested: bool,
    _place: Option<Place>,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if !this.rested {
            // Packing a piece takes a while, and a fast client lets none wait.
            this.rested = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.rested = false;
        let piece = this.rest.split_to(PIECE.min(this.rest.len()));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// Bytes of a text in JSON, with what is escaped in it, and of a comma.
pub fn bytes_of(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + 3 + text.bytes().map(escaped).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::Router;
    use axum::extract::Request;
    use axum::http::{StatusCode, header};
    use axum::middleware::from_fn;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::access::{AccountId, Viewer};
    use crate::api::caching::tagged;
    use crate::api::pass::Knock;
    use crate::gate::{Credential, Whence};

    fn open() -> Pass {
        let (whence, credential) = (Whence::default(), Credential::None);
        Pass { viewer: Arc::new(Viewer::Open), knock: Knock { whence, credential, secure: false } }
    }

    #[tokio::test]
    async fn an_answer_keeps_its_place_until_it_is_sent_even_if_it_is_tagged() {
        let answers = Arc::new(Answers::default());
        let mine = answers.of(Asker::Open);
        let handler = {
            let answers = Arc::clone(&answers);
            async move || {
                let share = answers.share(&open()).await?;
                share.answer(|| vec![7; 3 * PIECE + 1].into_response()).await
            }
        };
        let tagging = get(handler.clone()).layer(from_fn(tagged));
        let doors = Router::new().route("/", get(handler)).route("/tagged", tagging);
        let doors = TowerToHyperService::new(doors);
        for path in ["/", "/tagged"] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = doors.call(request).await.unwrap();
            assert_eq!(answer.headers().contains_key(header::ETAG), path == "/tagged");
            let (_, body) = answer.into_parts();
            assert_eq!(mine.available_permits(), SHARE - 1, "{path}");
            let all = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            assert_eq!((all.len(), mine.available_permits()), (3 * PIECE + 1, SHARE), "{path}");
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_keeps_its_place_until_it_is_made() {
        let answers = Answers::default();
        let mine = answers.of(Asker::Open);
        let share = answers.share(&open()).await.unwrap();
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let asked = tokio::spawn(async move {
            let made = share.make(move || {
                begun.send(()).unwrap();
                ends.recv().unwrap();
            });
            made.await
        });
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        let left = (mine.available_permits(), answers.makers.available_permits());
        assert_eq!(left, (SHARE - 1, MAKERS - 1));
        end.send(()).unwrap();
        drop(mine.acquire_many(u32::try_from(SHARE).unwrap()).await.unwrap());
        drop(answers.makers.acquire_many(u32::try_from(MAKERS).unwrap()).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn one_answer_more_than_a_share_waits_and_is_refused_at_last() {
        let answers = Answers::default();
        let mut shares = Vec::new();
        for _ in 0..SHARE {
            shares.push(answers.share(&open()).await.unwrap());
        }
        let refused = answers.share(&open()).await.unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        let (next, pass) = (shares.pop(), open());
        let waiting = answers.share(&pass);
        let goes = async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(next);
        };
        let (waited, ()) = tokio::join!(waiting, goes);
        waited.unwrap();
    }

    #[tokio::test]
    async fn one_who_asks_takes_no_other_ones_share() {
        let answers = Answers::default();
        let (ours, theirs) = (Asker::Account(AccountId(1)), Asker::Account(AccountId(2)));
        let mut under_way = Vec::new();
        for _ in 0..SHARE {
            under_way.push(answers.of(ours).try_acquire_owned().unwrap());
        }
        assert!(answers.of(ours).try_acquire_owned().is_err());
        assert!(answers.of(theirs).try_acquire_owned().is_ok());
        under_way.clear();
        answers.of(theirs);
        assert_eq!(answers.shares.lock().unwrap().len(), 1, "nobody is remembered for long");
    }

    #[test]
    fn a_text_is_as_long_as_its_json() {
        for text in ["", "渣土", "\"\\\n\r\t\u{8}\u{c}", "\u{1}\u{1f}\u{7f}/é🚛"] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(bytes_of(text), json.len() + 1, "{text:?}");
        }
    }
}
