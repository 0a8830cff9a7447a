//! Answers that may be large: made beside the threads that serve, a few at a time, and
//! to each who asks a share of them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::{AccountId, TokenId, Viewer};

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

/// Whose share: all sessions of one account have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asker {
    Open,
    Account(AccountId),
    Token(TokenId),
}

/// The shares of those who ask.
#[derive(Debug)]
pub struct Answers {
    makers: Arc<Semaphore>,
    shares: Mutex<HashMap<Asker, Arc<Semaphore>>>,
}

/// A place among the answers under way of one who asks, kept until it is sent.
#[derive(Debug)]
pub struct Share {
    makers: Arc<Semaphore>,
    place: OwnedSemaphorePermit,
}

impl Default for Answers {
    fn default() -> Self {
        Self { makers: Arc::new(Semaphore::new(MAKERS)), shares: Mutex::default() }
    }
}

impl Answers {
    /// A place for one more answer; 429 if those before it are long under way.
    pub async fn share(&self, pass: &Pass) -> Result<Share, ApiError> {
        let asker = match &*pass.viewer {
            Viewer::Open => Asker::Open,
            Viewer::Person(person) => Asker::Account(person.account),
            Viewer::Device(device) => Asker::Token(device.token),
        };
        let waiting = self.of(asker).acquire_owned();
        let place = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_long| {
            let why = format!("{SHARE} large answers to you are under way; wait for one of them");
            ApiError::too_many(why, 1)
        })?;
        let place = place.map_err(|closed| ApiError::internal(&closed))?;
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
    /// Has an answer made.
    pub async fn make(
        self,
        f: impl FnOnce() -> Response + Send + 'static,
    ) -> Result<Response, ApiError> {
        let maker = self.makers.acquire().await.map_err(|closed| ApiError::internal(&closed))?;
        let made = tokio::task::spawn_blocking(f).await;
        drop(maker);
        let (parts, body) = whole(made.map_err(|why| ApiError::internal(&why))?).await?;
        Ok(Response::from_parts(parts, held(body, self.place)))
    }
}

/// A body that holds its place until it is sent.
fn held(bytes: Bytes, place: OwnedSemaphorePermit) -> Body {
    if bytes.len() <= PIECE {
        return bytes.into();
    }
    let pieces = stream::unfold((bytes, place), async |(mut rest, place)| {
        let piece = (!rest.is_empty()).then(|| rest.split_to(PIECE.min(rest.len())))?;
        Some((Ok::<_, Infallible>(piece), (rest, place)))
    });
    Body::from_stream(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_keeps_its_place_until_it_is_sent() {
        let answers = Answers::default();
        let share = answers.of(Asker::Open);
        let place = Arc::clone(&share).acquire_owned().await.unwrap();
        let body = held(vec![7; 3 * PIECE + 1].into(), place);
        assert_eq!(share.available_permits(), SHARE - 1);
        let all = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!((all.len(), share.available_permits()), (3 * PIECE + 1, SHARE));
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
}
