//! Room for bodies: however many clients send at once, what is held of their
//! requests has a bound.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::problem::ApiError;

/// Room for all bodies together, and what a permit stands for, bytes.
const ROOM: usize = 256 << 20;
const UNIT: usize = 1 << 10;

/// How long a request waits for room.
const PATIENCE: Duration = Duration::from_secs(5);

/// The room there is; shared by all routes that hold it.
#[derive(Clone, Debug)]
pub struct Room {
    free: Arc<Semaphore>,
    /// The largest body there may be, bytes: a body that does not say how large it
    /// is takes as much.
    largest: usize,
}

impl Room {
    /// All of it, for bodies up to a size in bytes.
    pub fn new(largest: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(ROOM / UNIT)), largest }
    }
}

/// Lets a request in when there is room for its body, and keeps the room until it
/// is answered.
pub async fn hold(State(room): State<Room>, request: Request, next: Next) -> Response {
    let bytes = size(request.headers()).unwrap_or(room.largest).min(room.largest);
    let units = u32::try_from(bytes.div_ceil(UNIT).min(ROOM / UNIT)).unwrap_or(u32::MAX);
    match tokio::time::timeout(PATIENCE, room.free.acquire_many(units)).await {
        Ok(Ok(_held)) => next.run(request).await,
        _ => ApiError::unavailable("too many large requests are under way").into_response(),
    }
}

/// What a body says of its size, bytes.
fn size(headers: &HeaderMap) -> Option<usize> {
    match headers.get(header::CONTENT_LENGTH) {
        Some(length) => length.to_str().ok()?.parse().ok(),
        None if headers.contains_key(header::TRANSFER_ENCODING) => None,
        None => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_takes_what_it_says_and_all_if_it_says_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(size(&headers), Some(0));
        headers.insert(header::TRANSFER_ENCODING, "chunked".parse().unwrap());
        assert_eq!(size(&headers), None);
        headers.insert(header::CONTENT_LENGTH, "12".parse().unwrap());
        assert_eq!(size(&headers), Some(12));
    }
}
