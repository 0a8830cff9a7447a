//! HTTP, one file a resource. Handlers are thin: they read what was asked, ask
//! the pipeline or the store, and put it into the wire's shapes.

mod accounts;
mod alerts;
mod audit;
mod body;
mod caching;
mod clock;
mod credential;
mod doors;
mod erasure;
mod filter;
mod geojson;
mod headers;
mod health;
mod identity;
mod incidents;
mod ingest;
mod locate;
mod map;
mod once;
mod openapi;
mod origin;
mod pages;
mod params;
mod pass;
mod problem;
mod region;
mod room;
mod routes;
mod rules;
mod serve;
mod session;
mod state;
mod stream;
mod tokens;
mod units;
mod walls;

pub use doors::Door;
pub use identity::{Identity, IdentityError};
pub use map::MapLayers;
pub use pass::Ask;
pub use problem::ApiError;
pub use routes::{list, router};
pub use serve::serve;
pub use state::{AppState, Parts};
