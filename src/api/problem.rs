//! The one error type of the HTTP edge.

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::access::Must;
use crate::gate::GateError;
use crate::pipeline::Refused;
use crate::store::StoreError;
use crate::stream::Gone;
use crate::wire::Problem;

use super::caching::weak;

/// What a handler answers instead: a status, and why in problem JSON.
#[derive(Debug)]
pub struct ApiError {
    /// Boxed, so that what goes well is not slowed by room for what does not.
    problem: Box<Problem>,
    retry_after_s: Option<u32>,
    /// What there is, by its tag.
    tag: Option<HeaderValue>,
}

impl ApiError {
    /// A field, header or parameter that cannot be.
    pub fn field(field: impl Into<String>, reason: impl Display) -> Self {
        let (field, reason) = (field.into(), reason.to_string());
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "urn:pilin:problem:invalid-field",
            "a field is invalid",
            format!("{field}: {reason}"),
        );
        error.problem.field = Some(field);
        error.problem.reason = Some(reason);
        error
    }

    /// Not for a page of elsewhere.
    pub fn no_entry(header: &str, reason: impl Display) -> Self {
        let (reason, title) = (reason.to_string(), "not for a page of elsewhere");
        let mut error = Self::new(
            StatusCode::FORBIDDEN,
            "urn:pilin:problem:no-entry",
            title,
            format!("{header}: {reason}"),
        );
        error.problem.field = Some(header.to_owned());
        error.problem.reason = Some(reason);
        error
    }

    /// It did not come in time.
    pub fn timeout(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:timeout", "it did not come in time");
        Self::new(StatusCode::REQUEST_TIMEOUT, kind, title, detail.to_string())
    }

    /// Nobody has said who asks.
    #[must_use]
    pub fn sign_in() -> Self {
        let (kind, title) = ("urn:pilin:problem:sign-in", "sign in first");
        let detail = "there is no session or token, or it is over".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, kind, title, detail)
    }

    /// A name or password that is wrong.
    pub fn wrong(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:wrong", "not known");
        Self::new(StatusCode::UNAUTHORIZED, kind, title, detail.to_string())
    }

    /// A right password of an account that has a second factor.
    pub fn code_needed(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:code-needed", "a code is needed");
        Self::new(StatusCode::UNAUTHORIZED, kind, title, detail.to_string())
    }

    /// A code of a second factor that is wrong.
    pub fn wrong_code(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:wrong-code", "the code is wrong");
        Self::new(StatusCode::UNAUTHORIZED, kind, title, detail.to_string())
    }

    /// Whoever asks may not.
    pub fn forbidden(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:forbidden", "not allowed");
        Self::new(StatusCode::FORBIDDEN, kind, title, detail.to_string())
    }

    /// Something else must be done first.
    #[must_use]
    pub fn must(what: Must) -> Self {
        let (kind, detail) = match what {
            Must::ChangePassword => (
                "urn:pilin:problem:change-password",
                "somebody else has given this password: choose another first",
            ),
            Must::EnrolSecondFactor => (
                "urn:pilin:problem:enrol-second-factor",
                "accounts of this role must have a second factor: enrol one first",
            ),
        };
        Self::new(StatusCode::FORBIDDEN, kind, "something else comes first", detail.to_owned())
    }

    /// A first password that was not used in time.
    pub fn expired(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:password-expired", "the password has expired");
        Self::new(StatusCode::FORBIDDEN, kind, title, detail.to_string())
    }

    /// Nothing of that name.
    pub fn not_found(what: impl Display) -> Self {
        let detail = format!("there is no {what}");
        Self::new(StatusCode::NOT_FOUND, "urn:pilin:problem:not-found", "not found", detail)
    }

    /// There is such a thing, but not for this verb.
    pub fn method(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:method", "method not allowed");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, kind, title, detail.to_string())
    }

    /// It cannot be done as things stand.
    pub fn conflict(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:conflict", "it cannot be done as things stand");
        Self::new(StatusCode::CONFLICT, kind, title, detail.to_string())
    }

    /// What was to be changed is no longer what the client has seen; what there is now
    /// has this tag.
    pub fn overtaken(detail: impl Display, tag: &HeaderValue) -> Self {
        let (kind, title) = ("urn:pilin:problem:overtaken", "it has changed since it was read");
        let error = Self::new(StatusCode::PRECONDITION_FAILED, kind, title, detail.to_string());
        Self { tag: Some(weak(tag)), ..error }
    }

    /// A request of the same key is under way.
    #[must_use]
    pub fn under_way() -> Self {
        let (kind, title) = ("urn:pilin:problem:under-way", "the same request is under way");
        let detail = "the first request with this key is not answered yet".to_owned();
        Self::new(StatusCode::CONFLICT, kind, title, detail)
    }

    /// A request of the same key was carried out, and its answer is not kept.
    #[must_use]
    pub fn done_before() -> Self {
        let (kind, title) = ("urn:pilin:problem:done-before", "this was done before");
        let detail = "the first request with this key was carried out; its answer is not kept, \
                      and a secret in it was told once";
        Self::new(StatusCode::CONFLICT, kind, title, detail.to_owned())
    }

    /// A key that another request had.
    #[must_use]
    pub fn key_taken() -> Self {
        let (kind, title) = ("urn:pilin:problem:key-taken", "the key is another request's");
        let detail = "another request came with this key; a new one needs a new key".to_owned();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, kind, title, detail)
    }

    /// A body, or what it holds, above the limit.
    pub fn too_large(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:too-large", "above the limit");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, kind, title, detail.to_string())
    }

    /// More than the client may send in this time.
    pub fn too_many(detail: impl Display, retry_after_s: u32) -> Self {
        let (kind, title) = ("urn:pilin:problem:too-many", "too much at once");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, kind, title, detail.to_string());
        Self { retry_after_s: Some(retry_after_s), ..error }
    }

    /// More sockets than one may have.
    #[must_use]
    pub fn too_many_sockets() -> Self {
        Self::too_many("as many of your sockets are open as may be", 1)
    }

    /// A body of a kind that is not read here.
    pub fn media_type(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:media-type", "unsupported media type");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, kind, title, detail.to_string())
    }

    /// Not now; the same request may go through in a moment.
    pub fn unavailable(detail: impl Display) -> Self {
        let (kind, title) = ("urn:pilin:problem:unavailable", "not available just now");
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, title, detail.to_string());
        Self { retry_after_s: Some(1), ..error }
    }

    /// Our own fault: told to the log under a number, which is all that is shown.
    pub fn internal(why: &dyn Display) -> Self {
        let id = Uuid::now_v7().to_string();
        tracing::error!(problem.id = id, error = %why, "a request failed");
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "urn:pilin:problem:internal",
            "the service failed",
            format!("the service's log tells more under {id}"),
        );
        error.problem.id = Some(id);
        error
    }

    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: String) -> Self {
        let status = status.as_u16();
        let problem = Problem { kind, title, status, detail, field: None, reason: None, id: None };
        Self { problem: Box::new(problem), retry_after_s: None, tag: None }
    }
}

impl From<Gone> for ApiError {
    fn from(why: Gone) -> Self {
        Self::unavailable(why)
    }
}

impl From<StoreError> for ApiError {
    fn from(why: StoreError) -> Self {
        let detail = match why {
            StoreError::Unreachable { .. } | StoreError::InDoubt { .. } => {
                "the store does not answer"
            }
            StoreError::Full { .. } => "the store's disk is full",
            _ => return Self::internal(&why),
        };
        tracing::error!(error = %why, "a request failed");
        Self::unavailable(detail)
    }
}

impl From<GateError> for ApiError {
    fn from(why: GateError) -> Self {
        match why {
            GateError::Wrong => Self::wrong(why),
            GateError::CodeNeeded => Self::code_needed(why),
            GateError::WrongCode => Self::wrong_code(why),
            GateError::Expired => Self::expired(why),
            GateError::Throttled { retry_after_s } => Self::too_many(why, retry_after_s),
            GateError::Busy => Self::unavailable(why),
            GateError::Field { field, reason } => Self::field(field, reason),
            GateError::Unclaimed => Self::forbidden(why),
            GateError::NameTaken(_) | GateError::Conflict(_) => Self::conflict(why),
            GateError::Unknown(what) => Self::not_found(what),
            GateError::Store(why) => why.into(),
            GateError::Random(_) | GateError::Hash(_) => Self::internal(&why),
        }
    }
}

impl From<Refused> for ApiError {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Stopped
            | Refused::Full
            | Refused::NoRoom
            | Refused::DiskFull(_)
            | Refused::StoreFailed(_) => Self::unavailable(why),
            Refused::Effort { .. } => Self::field("rules", why),
            Refused::ClockUnset | Refused::ClockBack(_) | Refused::ClockOwn => Self::conflict(why),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Texts and numbers: encoding them cannot fail.
        let body = serde_json::to_string(&self.problem).unwrap_or_default();
        let kind = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let mut response = (status, kind, body).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(tag) = self.tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
