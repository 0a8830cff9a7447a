//! `/api/v1/accounts`: who can sign in.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{AccountId, Role};
use crate::domain::Code;
use crate::gate::{NewPerson, first_password};
use crate::store::registry::{Account, AccountChange};
use crate::wire::{AccountView, AccountsView, AgencyView, NewAccountView};

use super::body::{Body, json};
use super::once::ToldOnce;
use super::params::number;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Answers the accounts within reach.
#[utoipa::path(
    get, path = "/api/v1/accounts",
    operation_id = "listAccounts", tag = "access",
    responses((status = 200, description = "The accounts.", body = AccountsView))
)]
pub async fn list(State(app): State<AppState>, pass: Pass) -> Result<Json<AccountsView>, ApiError> {
    let all = app.gate.accounts(pass.reach(&app)).await?;
    let accounts = all.iter().map(|account| view(&app, account)).collect();
    Ok(Json(AccountsView { accounts }))
}

/// Answers one.
#[utoipa::path(
    get, path = "/api/v1/accounts/{id}",
    operation_id = "getAccount", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The account.", body = AccountView))
)]
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, ApiError> {
    let account = app.gate.account(pass.reach(&app), account_id(&id)?).await?;
    Ok(Json(view(&app, &account)))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
struct New {
    name: String,
    #[serde(default)]
    display: String,
    #[schema(value_type = String)]
    agency: Code,
    role: Role,
    password: Option<String>,
}

/// Makes one.
#[utoipa::path(
    post, path = "/api/v1/accounts",
    operation_id = "addAccount", tag = "access",
    request_body = New,
    responses(
        (status = 201, description = "Made.", body = NewAccountView),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn post(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<(StatusCode, ToldOnce, Json<NewAccountView>), ApiError> {
    let New { name, display, agency, role, password } = json(&body)?;
    let agency = agency_of(&app, agency)?;
    let (name, display) = (name.into(), display.into());
    let new = NewPerson { name, display, agency, password, must_change: true };
    let (reach, whence) = (pass.reach(&app), &pass.knock.whence);
    let (id, password) = app.gate.add_account(&*pass.viewer, reach, new, role, whence).await?;
    let account = view(&app, &app.gate.account(reach, id).await?);
    Ok((StatusCode::CREATED, ToldOnce, Json(NewAccountView { account, password })))
}

/// What is to be otherwise.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange)]
struct Change {
    #[schema(value_type = Option<String>)]
    display: Option<Arc<str>>,
    #[schema(value_type = Option<String>)]
    agency: Option<Code>,
    role: Option<Role>,
    disabled: Option<bool>,
    password: Option<String>,
    /// The password there is, if the account is one's own and is to have another.
    old: Option<String>,
}

/// Changes one.
#[utoipa::path(
    patch, path = "/api/v1/accounts/{id}",
    operation_id = "changeAccount", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    request_body = Change,
    responses(
        (status = 200, description = "The account now.", body = AccountView),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn patch(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<AccountView>, ApiError> {
    let Change { display, agency, role, disabled, mut password, old } = json(&body)?;
    let id = account_id(&id)?;
    let agency = agency.map(|code| agency_of(&app, code)).transpose()?;
    // Whoever shuts himself out cannot undo it.
    let own = pass.person().is_ok_and(|person| person.account == id);
    if own && disabled == Some(true) {
        return Err(ApiError::conflict("nobody disables their own account"));
    }
    let whence = &pass.knock.whence;
    if own && let Some(new) = password.take() {
        let old =
            old.ok_or_else(|| ApiError::field("old", "your own password needs the old one"))?;
        app.gate.change_password(pass.person()?, old, new, whence).await?;
    }
    let change =
        AccountChange { display, agency, role, disabled, password, ..AccountChange::default() };
    let changed = app.gate.change_account(&*pass.viewer, pass.reach(&app), id, change, whence);
    Ok(Json(view(&app, &changed.await?)))
}

/// Gives one another password, of our own making, and tells it once.
#[utoipa::path(
    post, path = "/api/v1/accounts/{id}/password",
    operation_id = "resetPassword", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The account, and its password once.", body = NewAccountView))
)]
pub async fn password(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<(ToldOnce, Json<NewAccountView>), ApiError> {
    let password = first_password()?;
    let change = AccountChange { password: Some(password.clone()), ..AccountChange::default() };
    let (id, whence) = (account_id(&id)?, &pass.knock.whence);
    if pass.person().is_ok_and(|person| person.account == id) {
        return Err(ApiError::conflict("one's own password is changed with the old one"));
    }
    let changed = app.gate.change_account(&*pass.viewer, pass.reach(&app), id, change, whence);
    let account = view(&app, &changed.await?);
    Ok((ToldOnce, Json(NewAccountView { account, password: Some(password) })))
}

/// Takes the second factor of one off, whose owner has lost it.
#[utoipa::path(
    delete, path = "/api/v1/accounts/{id}/factor",
    operation_id = "resetFactor", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    responses(
        (status = 200, description = "The account now.", body = AccountView),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn reset_factor(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, ApiError> {
    let id = account_id(&id)?;
    if pass.person().is_ok_and(|person| person.account == id) {
        return Err(ApiError::conflict("one's own second factor is taken off with a code of it"));
    }
    let whence = &pass.knock.whence;
    let account = app.gate.reset_factor(&*pass.viewer, pass.reach(&app), id, whence).await?;
    Ok(Json(view(&app, &account)))
}

/// An agency's code, if there is such a jurisdiction.
pub fn agency_of(app: &AppState, code: Code) -> Result<Code, ApiError> {
    known(app, "agency", code)
}

/// The code that a field names, if there is such a jurisdiction.
pub fn known(app: &AppState, field: &str, code: Code) -> Result<Code, ApiError> {
    if app.region.atlas.jurisdiction(code).is_none() {
        return Err(ApiError::field(field, format!("there is no jurisdiction {code}")));
    }
    Ok(code)
}

/// An agency, by its jurisdiction.
pub fn agency(app: &AppState, code: Code) -> AgencyView {
    let names = app.region.atlas.jurisdiction(code);
    let (name, name_en) =
        names.map_or_else(Default::default, |of| (of.name.clone(), of.name_en.clone()));
    AgencyView { code: code.to_string(), name, name_en }
}

fn account_id(text: &str) -> Result<AccountId, ApiError> {
    number("account", text).map(AccountId)
}

fn view(app: &AppState, account: &Account) -> AccountView {
    AccountView {
        id: account.id.0,
        name: account.name.to_string(),
        display: account.display.to_string(),
        agency: agency(app, account.agency),
        role: account.role,
        disabled: account.disabled,
        created_at: account.created_at.ms(),
        second_factor: account.has_factor,
    }
}
