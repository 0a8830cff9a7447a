//! `/api/v1/session`, `/api/v1/sessions`, `/api/v1/setup`: who one is.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{Deed, Role, SessionId, Viewer, may};
use crate::domain::{Code, Time};
use crate::gate::{NewPerson, Proof, SignedIn};
use crate::wire::{SessionRow, SessionView, SessionsView};

use super::accounts::{agency, agency_of};
use super::body::{Body, json};
use super::credential::{given, taken_back};
use super::params::number;
use super::pass::{Knock, Pass};
use super::problem::ApiError;
use super::state::AppState;

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    password: String,
    /// A code of the second factor, or a recovery code, if the account has one.
    code: Option<String>,
}

/// Signs in.
#[utoipa::path(
    post, path = "/api/v1/session",
    operation_id = "signIn", tag = "access",
    request_body = SignIn,
    responses(
        (
            status = 200,
            description = "Signed in; the cookie is the session.",
            body = SessionView
        ),
        (status = 401, description = "The name, the password or the code is wrong, or a code is needed (`code-needed`).")
    )
)]
pub async fn post(
    State(app): State<AppState>,
    knock: Knock,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let SignIn { name, password, code } = json(&body)?;
    let proof = Proof { password, code };
    let signed_in = app.gate.sign_in(&name, proof, &knock.whence).await?;
    Ok(welcome(&app, signed_in, &knock))
}

/// Answers who asks.
#[utoipa::path(
    get, path = "/api/v1/session",
    operation_id = "getSession", tag = "access",
    responses((status = 200, description = "Who asks.", body = SessionView))
)]
pub async fn get(State(app): State<AppState>, pass: Pass) -> Json<SessionView> {
    Json(view(&app, &pass.viewer, None))
}

/// Signs out.
#[utoipa::path(
    delete, path = "/api/v1/session",
    operation_id = "signOut", tag = "access",
    responses((status = 204, description = "Signed out."))
)]
pub async fn delete(State(app): State<AppState>, pass: Pass) -> Result<Response, ApiError> {
    let person = pass.person()?;
    let whence = &pass.knock.whence;
    app.gate
        .end_session(&*pass.viewer, person.session, (&person.name, person.agency), whence)
        .await?;
    Ok((StatusCode::NO_CONTENT, taken_back()).into_response())
}

/// The first account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Setup {
    key: String,
    name: String,
    #[serde(default)]
    display: String,
    #[schema(value_type = String)]
    agency: Code,
    password: String,
}

/// Makes the first account with the key that the log printed.
#[utoipa::path(
    post, path = "/api/v1/setup",
    operation_id = "setUp", tag = "access",
    request_body = Setup,
    responses(
        (status = 200, description = "Signed in.", body = SessionView),
        (status = 401, description = "The key is wrong."),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn set_up(
    State(app): State<AppState>,
    knock: Knock,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Setup { key, name, display, agency, password } = json(&body)?;
    let agency = agency_of(&app, agency)?;
    let new = NewPerson {
        name: name.into(),
        display: display.into(),
        agency,
        password: Some(password),
        must_change: false,
    };
    let signed_in = app.gate.set_up(&key, new, &knock.whence).await?;
    Ok(welcome(&app, signed_in, &knock))
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Passwords {
    old: String,
    new: String,
}

/// Changes one's own password.
#[utoipa::path(
    post, path = "/api/v1/session/password",
    operation_id = "changePassword", tag = "access",
    request_body = Passwords,
    responses((status = 204, description = "Changed."))
)]
pub async fn password(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let Passwords { old, new } = json(&body)?;
    app.gate.change_password(pass.person()?, old, new, &pass.knock.whence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers one's own sessions; an admin's: all within reach.
#[utoipa::path(
    get, path = "/api/v1/sessions",
    operation_id = "listSessions", tag = "access",
    responses((status = 200, description = "The sessions.", body = SessionsView))
)]
pub async fn list(State(app): State<AppState>, pass: Pass) -> Result<Json<SessionsView>, ApiError> {
    let person = pass.person()?;
    let of = may(&pass.viewer, Deed::ManageAccounts).is_err().then_some(person.account);
    let all = app.gate.sessions(of, pass.reach(&app)).await?;
    let rows = all.iter().map(|session| SessionRow {
        id: session.id.0,
        account: session.account.id.0,
        name: session.account.name.to_string(),
        role: session.account.role,
        agency: agency(&app, session.account.agency),
        created_at: session.created_at.ms(),
        last_use: session.last_use.ms(),
        ends_at: session.ends_at.ms(),
        address: session.address.map(|address| address.to_string()),
        agent: session.agent.clone(),
        current: session.id == person.session,
    });
    Ok(Json(SessionsView { sessions: rows.collect() }))
}

/// Ends one of one's own sessions, or, an admin, one within reach.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}",
    operation_id = "endSession", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Ended."))
)]
pub async fn end(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let person = pass.person()?;
    let unknown = || ApiError::not_found(format!("session “{id}”"));
    let id = SessionId(number("session", &id)?);
    let session = app.gate.session(id, pass.reach(&app)).await?;
    let own = session.account.id == person.account;
    if !own && may(&pass.viewer, Deed::ManageAccounts).is_err() {
        return Err(unknown());
    }
    let whence = &pass.knock.whence;
    let of = (&*session.account.name, session.account.agency);
    app.gate.end_session(&*pass.viewer, id, of, whence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers one who has just signed in, and gives the session to the browser.
pub fn welcome(app: &AppState, signed_in: SignedIn, knock: &Knock) -> Response {
    let cookie = given(&signed_in, knock.secure);
    let viewer = Viewer::Person(signed_in.person);
    (cookie, Json(view(app, &viewer, Some(signed_in.ends_at)))).into_response()
}

fn view(app: &AppState, viewer: &Viewer, ends_at: Option<Time>) -> SessionView {
    let allowed = Deed::ALL.into_iter().filter(|deed| may(viewer, *deed).is_ok());
    let nobody = SessionView {
        open: *viewer == Viewer::Open,
        account: None,
        session: None,
        name: None,
        display: None,
        role: None,
        agency: viewer.agency().map(|code| agency(app, code)),
        rights: allowed.map(Deed::word).collect(),
        must: None,
        roles: if may(viewer, Deed::ManageAccounts).is_ok() {
            let given = |role: &Role| app.gate.policy().check_role(*role).is_ok();
            Role::ALL.into_iter().filter(given).collect()
        } else {
            Vec::new()
        },
        ends_at: ends_at.map(Time::ms),
    };
    match viewer {
        Viewer::Open => nobody,
        Viewer::Device(device) => {
            let name = Some(device.name.to_string());
            SessionView { display: name.clone(), name, ..nobody }
        }
        Viewer::Person(person) => SessionView {
            account: Some(person.account.0),
            session: Some(person.session.0),
            name: Some(person.name.to_string()),
            display: Some(person.display.to_string()),
            role: Some(person.role),
            must: person.must,
            ..nobody
        },
    }
}
