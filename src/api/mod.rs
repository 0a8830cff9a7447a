//! HTTP, one file a resource. Handlers are thin: they read what was asked, ask
//! the pipeline or the store, and put it into the wire's shapes.

mod alerts;
mod body;
mod caching;
mod clock;
mod geojson;
mod headers;
mod health;
mod incidents;
mod ingest;
mod locate;
mod map;
mod origin;
mod pages;
mod params;
mod problem;
mod region;
mod room;
mod routes;
mod rules;
mod state;
mod units;

pub use map::MapLayers;
pub use problem::ApiError;
pub use routes::{router, serve};
pub use state::{AppState, Parts};
