//! `GET /api/v1/openapi.json`: every door, as OpenAPI 3.1 says it.
//!
//! The handlers say what is theirs; what every door has in common (who is let in,
//! how it refuses) is written here, from the list of the doors itself.

#![allow(unused_qualifications, reason = "the macro writes them")]

use std::sync::OnceLock;

use axum::Json;
use axum::extract::State;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    self, ContentBuilder, ObjectBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder,
    SecurityRequirement,
};

use crate::wire::{AlertFrame, IncidentFrame, Problem, StatsFrame, UnitFrame};

use super::doors::Door;
use super::pass::Ask;
use super::state::AppState;
use super::{
    accounts, acknowledge, alert, alerts, audit, clock, devices, erasure, export, factor, health,
    incidents, ingest, locate, map, oidc, once, region, routes, rules, session, stream, tokens,
    units, walls,
};

/// The names of the two ways to say who one is.
const SESSION: &str = "session";
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pilin 毗邻",
        description = "Command and monitoring for joint urban-management enforcement across \
                       provincial borders. What goes in over a socket is written in \
                       docs/ingest.md, what comes out live in docs/stream.md, who may do what in \
                       docs/access.md.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "picture", description = "Incidents, units, and the live stream"),
        (name = "alerts", description = "Border alerts"),
        (name = "ingest", description = "The doors in"),
        (name = "map", description = "The region and where a point lies"),
        (name = "access", description = "Accounts, sessions, tokens, walls"),
        (name = "audit", description = "Who did what"),
        (name = "service", description = "Rules, clock, health")
    ),
    paths(
        region::get, map::get, locate::get, clock::get, clock::put, rules::get, rules::put,
        incidents::list, incidents::get, export::incidents, units::list, units::get, units::track, erasure::track, erasure::texts,
        alerts::list, alert::get, alerts::units, acknowledge::acknowledge,
        acknowledge::withdraw,
        ingest::incidents, ingest::positions, ingest::units, ingest::socket, stream::enter,
        session::set_up, session::post, oidc::ways, oidc::leave, oidc::arrive, session::get, session::delete, session::password,
        factor::get, factor::post, factor::put, factor::delete,
        walls::code, walls::asking, walls::claim, walls::grant, session::list, session::end,
        accounts::list, accounts::post, accounts::get, accounts::patch, accounts::password, accounts::reset_factor,
        tokens::list, tokens::post, tokens::delete, devices::list, audit::list, audit::verify, audit::export,
        health::alive, health::ready, health::metrics
    ),
    components(schemas(AlertFrame, IncidentFrame, UnitFrame, StatsFrame, Problem))
)]
struct Handlers;

/// Answers the document, which is put together when it is first asked for.
pub async fn get(State(app): State<AppState>) -> Json<&'static openapi::OpenApi> {
    static DOCUMENT: OnceLock<openapi::OpenApi> = OnceLock::new();
    Json(DOCUMENT.get_or_init(|| document(&routes::list(&app))))
}

/// The document of doors.
fn document(doors: &[Door]) -> openapi::OpenApi {
    let mut document = Handlers::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    if let Some(components) = &mut document.components {
        let cookie = ApiKeyValue::with_description(
            "pilin",
            "What `POST /api/v1/session` gives; under HTTPS it is called `__Host-pilin`",
        );
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
    }
    for door in doors {
        let path = document.paths.paths.get_mut(door.path);
        if let Some(operation) = path.and_then(|path| operation(path, door.verb)) {
            if door.once {
                take_key(operation);
            }
            if door.tagged {
                let why = "Not changed since the `ETag` of `If-None-Match`.";
                operation.responses.responses.insert("304".to_owned(), Response::new(why).into());
            }
            guard(operation, door.ask);
        }
    }
    document
}

fn operation<'a>(path: &'a mut PathItem, verb: &str) -> Option<&'a mut Operation> {
    match verb {
        "GET" => path.get.as_mut(),
        "POST" => path.post.as_mut(),
        "PUT" => path.put.as_mut(),
        "PATCH" => path.patch.as_mut(),
        "DELETE" => path.delete.as_mut(),
        _ => None,
    }
}

/// Says that a key is heeded.
fn take_key(operation: &mut Operation) {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(once::LONGEST))
        .pattern(Some(r"^[!#-\[\]-~]+$"))
        .build();
    let header = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Names the request: sent again with it within a day, it is carried out once and \
             answered alike",
        ))
        .schema(Some(key))
        .build();
    operation.parameters.get_or_insert_default().push(header.into());
    for (status, why) in [
        ("409", "The first request with this key is under way, or its answer was told once."),
        ("422", "Another request came with this key."),
        ("429", "Too much at once; `Retry-After` says when."),
    ] {
        let known = &mut operation.responses.responses;
        known.entry(status.to_owned()).or_insert_with(|| refusal(why).into());
    }
}

/// Says who is let in, and every way in which the door may refuse.
fn guard(operation: &mut Operation, ask: Ask) {
    let mut refusals = vec![
        ("403", "The request comes from a page of elsewhere, or whoever asks may not."),
        ("500", "The service failed; its log tells more under `id`."),
        ("503", "Not just now; `Retry-After` says when."),
    ];
    operation.security = Some(match ask {
        Ask::Nobody => vec![SecurityRequirement::default()],
        Ask::Anybody | Ask::Deeds(_) => {
            refusals.push(("401", "Sign in, or show a token."));
            let by = |scheme| SecurityRequirement::new(scheme, [""; 0]);
            vec![by(SESSION), by(TOKEN)]
        }
    });
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    if !parameters.is_empty() || operation.request_body.is_some() {
        refusals.push(("400", "A parameter or field is wrong: `field` names it."));
    }
    if parameters.iter().any(is_in_path) {
        refusals.push(("404", "There is no such thing, or it is not yours to see."));
    }
    if operation.request_body.is_some() {
        refusals
            .push(("408", "The body took longer than a minute, or brought nothing for seconds."));
        refusals.push(("413", "The body, or what it holds, is above the limit."));
        refusals.push(("429", "Too much at once; `Retry-After` says when."));
    }
    for (status, why) in refusals {
        let known = &mut operation.responses.responses;
        known.entry(status.to_owned()).or_insert_with(|| refusal(why).into());
    }
    for (status, response) in &mut operation.responses.responses {
        if let ("4" | "5", RefOr::T(response)) = (&status[..1], response)
            && response.content.is_empty()
        {
            let why = std::mem::take(&mut response.description);
            *response = refusal(&why);
        }
    }
}

fn is_in_path(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(known) if known.parameter_in == ParameterIn::Path)
}

fn refusal(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(why).content("application/problem+json", content).build()
}
