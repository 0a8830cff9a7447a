//! `/api/v1/tokens`: devices and neighbouring systems.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{Scope, TokenId};
use crate::domain::{Code, Time};
use crate::store::registry::Token;
use crate::wire::{NewTokenView, TokenView, TokensView};

use super::accounts::{agency, agency_of};
use super::body::{Body, json};
use super::once::ToldOnce;
use super::params::number;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Answers the tokens within reach.
#[utoipa::path(
    get, path = "/api/v1/tokens",
    operation_id = "listTokens", tag = "access",
    responses((status = 200, description = "The tokens.", body = TokensView))
)]
pub async fn list(State(app): State<AppState>, pass: Pass) -> Result<Json<TokensView>, ApiError> {
    let all = app.gate.tokens(pass.reach(&app)).await?;
    let tokens = all.iter().map(|token| view(&app, token)).collect();
    Ok(Json(TokensView { tokens }))
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
struct New {
    name: String,
    #[schema(value_type = String)]
    agency: Code,
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Time>,
}

/// Makes one, and tells its secret once.
#[utoipa::path(
    post, path = "/api/v1/tokens",
    operation_id = "addToken", tag = "access",
    request_body = New,
    responses(
        (status = 201, description = "Made; the secret is told once.", body = NewTokenView)
    )
)]
pub async fn post(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<(StatusCode, ToldOnce, Json<NewTokenView>), ApiError> {
    let New { name, agency, scopes, ends_at } = json(&body)?;
    let about = (&*name, agency_of(&app, agency)?);
    let (reach, whence) = (pass.reach(&app), &pass.knock.whence);
    let made = app.gate.add_token(&*pass.viewer, reach, about, &scopes, ends_at, whence).await?;
    let token = view(&app, &app.gate.token(reach, made.id).await?);
    Ok((StatusCode::CREATED, ToldOnce, Json(NewTokenView { token, secret: made.secret })))
}

/// Revokes one.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}",
    operation_id = "revokeToken", tag = "access",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 204, description = "Revoked."))
)]
pub async fn delete(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = TokenId(number("token", &id)?);
    app.gate.revoke_token(&*pass.viewer, pass.reach(&app), id, &pass.knock.whence).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(app: &AppState, token: &Token) -> TokenView {
    TokenView {
        id: token.id.0,
        name: token.name.to_string(),
        agency: agency(app, token.agency),
        scopes: token.scopes.to_vec(),
        created_at: token.created_at.ms(),
        last_use: token.last_use.map(Time::ms),
        ends_at: token.ends_at.map(Time::ms),
        revoked_at: token.revoked_at.map(Time::ms),
    }
}
