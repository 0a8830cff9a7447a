//! Bodies of requests, refused in problem JSON.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::response::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::domain::text::bytes_without_mark;
use crate::ingest::plain;

use super::problem::ApiError;
use super::room::Held;

/// How long a body may take; a phone's network may be bad.
const PATIENCE: Duration = Duration::from_mins(1);

/// A whole body, within the limit of its route.
#[derive(Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let held = request.extensions().get::<Held>().cloned();
        let read = tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await;
        let late = || ApiError::timeout("the body takes longer than a minute");
        read.map_err(|_elapsed| late())?.map(Self).map_err(|why| {
            if let Some(cut) = held.and_then(|held| held.cut()) {
                return cut.into();
            }
            let detail = why.body_text();
            if why.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::too_large("the body is larger than this address takes")
            } else {
                ApiError::field("body", detail)
            }
        })
    }
}

/// An answer of ours with its whole body.
pub async fn whole(response: Response) -> Result<(Parts, Bytes), ApiError> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|why| ApiError::internal(&why))?;
    Ok((parts, body))
}

/// Reads a small body of one JSON value; what is wrong is told by its field.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes_without_mark(body));
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|why| {
        let path = why.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        ApiError::field(field, told(why.inner()))
    })?;
    reader.end().map_err(|why| ApiError::field("body", why))?;
    Ok(value)
}

/// What is wrong with a value in plain words; what is no JSON, with its place.
fn told(why: &serde_json::Error) -> String {
    if why.is_data() { plain(why) } else { why.to_string() }
}
