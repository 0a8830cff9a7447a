//! A request that comes with an `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header) is carried out once, however often
//! it is sent, and answered alike each time.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use sha2::{Digest as _, Sha256};

use crate::gate::Errand;
use crate::store::audit::Who;
use crate::store::replies::{Begun, Digest, Reply, RequestName};

use super::body::{Body, whole};
use super::pass::{Knock, Pass};
use super::problem::ApiError;
use super::state::AppState;

/// The header.
pub const KEY: &str = "idempotency-key";

/// Characters of a key.
pub const LONGEST: usize = 255;

/// Said of an answer that holds a secret: it is told once, and kept nowhere.
#[derive(Clone, Copy, Debug)]
pub struct ToldOnce;

impl IntoResponseParts for ToldOnce {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

/// Carries a request with a key out once.
pub async fn once(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let name = RequestName { who: asker(&app, &parts.extensions)?.into(), key };
    let Body(body) = Body::from_request(Request::from_parts(parts.clone(), body), &()).await?;
    let asks = digest(&parts, &body);
    match app.replies.begin_request(name.clone(), asks, app.gate.now()).await? {
        Begun::New => {}
        Begun::UnderWay => return Err(ApiError::under_way()),
        Begun::Done => return Err(ApiError::done_before()),
        Begun::Other => return Err(ApiError::key_taken()),
        Begun::Answered(reply) => return again(reply),
    }
    sign(&mut parts.extensions, &name);
    let request = Request::from_parts(parts, body.into());
    // Goes on though whoever asked hangs up: they will ask what came of it.
    let carried_out = tokio::spawn(async move {
        let response = next.run(request).await;
        keep(&app, name, response).await
    });
    carried_out.await.map_err(|why| ApiError::internal(&why))?
}

/// The key of a request, as the draft has it (in quotes) or bare.
fn key(headers: &HeaderMap) -> Result<Option<Arc<str>>, ApiError> {
    let Some(given) = headers.get(KEY) else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    if key.is_empty() || key.len() > LONGEST || !key.chars().all(plain) {
        let reason = format!(
            "must be 1 to {LONGEST} printable characters without spaces, quotes and backslashes"
        );
        return Err(ApiError::field("Idempotency-Key", reason));
    }
    Ok(Some(key.into()))
}

/// Who asks: an account or a token, whatever it signed in with; of those who have
/// not, the address.
fn asker(app: &AppState, extensions: &Extensions) -> Result<String, ApiError> {
    if let Some(pass) = extensions.get::<Pass>() {
        return Ok(Who::from(&*pass.viewer).principal());
    }
    let Some(Knock { whence, .. }) = extensions.get() else {
        return Err(ApiError::internal(&"a door without a guard"));
    };
    app.gate.count_stranger(Errand::Request, whence)?;
    Ok(format!("{} at {}", Who::Nobody.principal(), whence.counted_at()))
}

/// What a request asks: its verb, address, kind of body, and body.
fn digest(parts: &Parts, body: &[u8]) -> Digest {
    let kind = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    Sha256::new()
        .chain_update(format!("{} {}\n", parts.method, parts.uri))
        .chain_update(kind)
        .chain_update("\n")
        .chain_update(body)
        .finalize()
        .into()
}

/// Has what the audit log says of it name the request.
fn sign(extensions: &mut Extensions, name: &RequestName) {
    if let Some(pass) = extensions.get_mut::<Pass>() {
        pass.knock.whence.request = Some(name.clone());
    }
    if let Some(knock) = extensions.get_mut::<Knock>() {
        knock.whence.request = Some(name.clone());
    }
}

/// Keeps an answer, unless it only says that it should be asked again.
async fn keep(app: &AppState, name: RequestName, response: Response) -> Result<Response, ApiError> {
    let (parts, body) = whole(response).await?;
    let passing = parts.status.is_server_error()
        || matches!(parts.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    let kept = if passing {
        app.replies.withdraw_request(name).await
    } else {
        let secret = parts.extensions.get::<ToldOnce>().is_some()
            || parts.headers.contains_key(header::SET_COOKIE);
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let reply = (!secret).then(|| Reply {
            status: parts.status.as_u16(),
            media_type: kind.unwrap_or_default().to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        app.replies.keep_reply(name, reply).await
    };
    if let Err(why) = kept {
        tracing::error!(error = %why, "keeping what was answered to a request with a key");
    }
    Ok(Response::from_parts(parts, body.into()))
}

/// The answer that was given before.
fn again(reply: Reply) -> Result<Response, ApiError> {
    let Reply { status, media_type, body } = reply;
    let status = StatusCode::from_u16(status).map_err(|why| ApiError::internal(&why))?;
    let mut response = (status, body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if !media_type.is_empty() {
        let kind = media_type.parse().map_err(|why| {
            let why: header::InvalidHeaderValue = why;
            ApiError::internal(&why)
        })?;
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Option<Arc<str>>, ApiError> {
        key(&HeaderMap::from_iter([(KEY.parse().unwrap(), HeaderValue::from_static(text))]))
    }

    #[test]
    fn a_key_is_read_with_and_without_quotes() {
        for text in ["\"8e03978e-40d5\"", "8e03978e-40d5", " 8e03978e-40d5 "] {
            assert_eq!(read(text).unwrap().as_deref(), Some("8e03978e-40d5"), "{text}");
        }
        assert!(key(&HeaderMap::new()).unwrap().is_none());
        for bad in ["", "\"\"", "a b", "\"a", "a\\b"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
