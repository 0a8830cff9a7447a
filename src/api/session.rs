//! `/api/v1/session`, `/api/v1/sessions`, `/api/v1/setup`: who one is.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::{Deed, SessionId, Viewer, may};
use crate::domain::{Code, Time};
use crate::gate::{NewPerson, SignedIn};
use crate::wire::{SessionRow, SessionView};

use super::accounts::{agency, agency_of};
use super::body::{Body, json};
use super::credential::{given, taken_back};
use super::params::number;
use super::pass::{Knock, Pass};
use super::problem::ApiError;
use super::state::AppState;

/// A name and its password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    password: String,
}

/// Signs in.
pub async fn post(
    State(app): State<AppState>,
    knock: Knock,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let SignIn { name, password } = json(&body)?;
    let signed_in = app.gate.sign_in(&name, password, &knock.whence).await?;
    Ok(welcome(&app, signed_in, &knock))
}

/// Answers who asks.
pub async fn get(State(app): State<AppState>, pass: Pass) -> Json<SessionView> {
    Json(view(&app, &pass.viewer, None))
}

/// Signs out.
pub async fn delete(State(app): State<AppState>, pass: Pass) -> Result<Response, ApiError> {
    let person = pass.person()?;
    let whence = &pass.knock.whence;
    app.gate.end_session(&*pass.viewer, person.session, &person.name, whence).await?;
    Ok((StatusCode::NO_CONTENT, taken_back()).into_response())
}

/// The first account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    key: String,
    name: String,
    #[serde(default)]
    display: String,
    agency: Code,
    password: String,
}

/// Makes the first account with the key that the log printed.
pub async fn set_up(
    State(app): State<AppState>,
    knock: Knock,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Setup { key, name, display, agency, password } = json(&body)?;
    let agency = agency_of(&app, agency)?;
    let new =
        NewPerson { name: name.into(), display: display.into(), agency, password: Some(password) };
    let signed_in = app.gate.set_up(&key, new, &knock.whence).await?;
    Ok(welcome(&app, signed_in, &knock))
}

/// The old password and the new one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passwords {
    old: String,
    new: String,
}

/// Changes one's own password.
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
pub async fn list(State(app): State<AppState>, pass: Pass) -> Result<Json<Value>, ApiError> {
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
    Ok(Json(json!({ "sessions": rows.collect::<Vec<_>>() })))
}

/// Ends one of one's own sessions, or, an admin, one within reach.
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
    app.gate.end_session(&*pass.viewer, id, &session.account.name, whence).await?;
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
            ..nobody
        },
    }
}
