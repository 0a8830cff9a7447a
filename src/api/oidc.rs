//! `/api/v1/session/oidc`: signing in by a provider of OpenID Connect.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Role;
use crate::config::OidcClaims;
use crate::domain::Code;
use crate::gate::{Arrival, Errand, Foreigner, GateError, Provider, SignedIn, Trip};
use crate::store::registry::Identity;

use super::credential::{cookie, given};
use super::params::Params;
use super::pass::Knock;
use super::problem::ApiError;
use super::state::AppState;

/// The provider, and how people get there and back.
#[derive(Debug)]
pub struct Oidc {
    /// The provider.
    pub provider: Provider,
    /// The claims that say who somebody is.
    pub claims: OidcClaims,
    /// Whether browsers find this service by HTTPS.
    pub secure: bool,
}

/// What a browser keeps while it is away.
const TRIP: &str = "pilin-trip";

/// The same under HTTPS, where no other host can have set it.
const SECURE_TRIP: &str = "__Host-pilin-trip";

/// How long it may be away, in s.
const AWAY_S: i64 = 600;

/// The pages that somebody may be on the way to.
const PAGES: [&str; 3] = ["desk", "wall", "admin"];

/// How one can sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInWays {
    /// Whether a provider of OpenID Connect is asked.
    oidc: bool,
}

/// Answers how one can sign in, beside by a password.
#[utoipa::path(
    get, path = "/api/v1/session/ways",
    operation_id = "getSignInWays", tag = "access",
    responses((status = 200, description = "The ways.", body = SignInWays))
)]
pub async fn ways(State(app): State<AppState>) -> Json<SignInWays> {
    Json(SignInWays { oidc: app.oidc.is_some() })
}

/// Sends a browser to the provider.
#[utoipa::path(
    get, path = "/api/v1/session/oidc",
    operation_id = "leaveForProvider", tag = "access",
    params(("then" = Option<String>, Query, description = "The page to go on to: `/desk`")),
    responses(
        (status = 303, description = "To the provider."),
        (status = 404, description = "No provider is configured."),
        (status = 429, description = "Too much at once; `Retry-After` says when.")
    )
)]
pub async fn leave(
    State(app): State<AppState>,
    knock: Knock,
    params: Params,
) -> Result<Response, ApiError> {
    let oidc = configured(&app)?;
    app.gate.count_stranger(Errand::Provider, &knock.whence)?;
    let then = params.only(&["then"])?.get::<String>("then")?.unwrap_or_default();
    let then = PAGES.into_iter().find(|page| then.strip_prefix('/') == Some(page));
    match oidc.provider.depart().await {
        Ok((url, trip)) => {
            let kept = format!(
                "{}.{}.{}.{}",
                trip.state,
                trip.nonce,
                trip.verifier,
                then.unwrap_or(PAGES[0])
            );
            Ok(([trip_cookie(&kept, AWAY_S, oidc)], Redirect::to(&url)).into_response())
        }
        Err(why) => {
            tracing::error!(error = %why, "sending somebody to the provider");
            Ok(back("provider", oidc))
        }
    }
}

/// Takes in who comes back from the provider.
#[utoipa::path(
    get, path = "/api/v1/session/oidc/callback",
    operation_id = "comeBackFromProvider", tag = "access",
    params(
        ("state" = Option<String>, Query, description = "As it left"),
        ("code" = Option<String>, Query, description = "The provider's code"),
        ("error" = Option<String>, Query, description = "Why the provider gives none")
    ),
    responses(
        (
            status = 303,
            description = "Signed in, and on to the page; or back to the door, which says why not."
        ),
        (status = 404, description = "No provider is configured."),
        (status = 429, description = "Too much at once; `Retry-After` says when.")
    )
)]
pub async fn arrive(
    State(app): State<AppState>,
    knock: Knock,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, ApiError> {
    let oidc = configured(&app)?;
    app.gate.count_stranger(Errand::Provider, &knock.whence)?;
    let (state, code) = (params.get::<String>("state")?, params.get::<String>("code")?);
    let (Some(state), Some(code)) = (state, code) else { return Ok(back("declined", oidc)) };
    let Some((trip, then)) = trip(&headers, oidc) else { return Ok(back("late", oidc)) };
    let arrival = match oidc.provider.arrive(trip, &state, code).await {
        Ok(arrival) => arrival,
        Err(why) => {
            tracing::warn!(error = %why, "somebody comes back from the provider");
            return Ok(back("provider", oidc));
        }
    };
    match app.gate.sign_in_foreigner(foreigner(&app, oidc, &arrival), &knock.whence).await {
        Ok(signed_in) => Ok(on(&signed_in, &then, oidc)),
        Err(why @ (GateError::Store(_) | GateError::Random(_))) => Err(why.into()),
        Err(GateError::NameTaken(_)) => Ok(back("taken", oidc)),
        Err(_) => Ok(back("unknown", oidc)),
    }
}

fn configured(app: &AppState) -> Result<&Oidc, ApiError> {
    app.oidc.as_ref().ok_or_else(|| ApiError::not_found("provider to sign in by"))
}

/// Who a provider says somebody is, in this region's terms.
fn foreigner(app: &AppState, oidc: &Oidc, arrival: &Arrival) -> Foreigner {
    let claim = |name: &str| arrival.claim(name).map(str::to_owned);
    let agency = claim(&oidc.claims.agency).and_then(|code| code.parse::<Code>().ok());
    let agency = agency.filter(|code| app.region.atlas.jurisdiction(*code).is_some());
    let role = claim(&oidc.claims.role).and_then(|word| word.parse::<Role>().ok());
    Foreigner {
        name: claim(&oidc.claims.name).unwrap_or_else(|| arrival.subject.clone()),
        display: claim(&oidc.claims.display).unwrap_or_default(),
        place: agency.zip(role),
        identity: Identity {
            issuer: arrival.issuer.as_str().into(),
            subject: arrival.subject.as_str().into(),
        },
    }
}

/// On to the page, signed in.
fn on(signed_in: &SignedIn, then: &str, oidc: &Oidc) -> Response {
    let over = AppendHeaders([trip_cookie("", 0, oidc)]);
    (given(signed_in, oidc.secure), over, Redirect::to(&format!("/{then}"))).into_response()
}

/// Back to the door, which says why.
fn back(why: &str, oidc: &Oidc) -> Response {
    let to = Redirect::to(&format!("/sign-in?refused={why}"));
    ([trip_cookie("", 0, oidc)], to).into_response()
}

/// The cookie of a trip. The provider sends the browser back from another site, so
/// it cannot be as strict as a session's.
fn trip_cookie(kept: &str, lasts_s: i64, oidc: &Oidc) -> (header::HeaderName, HeaderValue) {
    let (name, path, end) = if oidc.secure {
        // The prefix asks for this path.
        (SECURE_TRIP, "/", "; Secure")
    } else {
        (TRIP, "/api/v1/session/oidc", "")
    };
    let text =
        format!("{name}={kept}; Path={path}; Max-Age={lasts_s}; HttpOnly; SameSite=Lax{end}");
    // Base64 for URLs, dots and words of ours are a header's value.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    (header::SET_COOKIE, value)
}

fn trip(headers: &HeaderMap, oidc: &Oidc) -> Option<(Trip, String)> {
    let kept = cookie(headers, if oidc.secure { SECURE_TRIP } else { TRIP })?;
    let mut parts = kept.split('.').map(str::to_owned);
    let trip = Trip { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
    let then = parts.next().filter(|page| PAGES.contains(&page.as_str()))?;
    Some((trip, then))
}
