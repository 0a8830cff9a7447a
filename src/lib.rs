//! Pilin 毗邻: one live picture of urban-management enforcement on both sides of
//! a border.
//!
//! How a report gets from the field to the wall, module by module:
//!
//! 1. [`ingest`] takes it at a door, checks it, and brings its point to WGS-84.
//! 2. [`pipeline`] gathers what has come, and
//! 3. has [`store`] commit it, as one batch of the log, in one transaction.
//! 4. [`engine`] applies the batch: positions, clusters, border alerts; what
//!    lies where, [`atlas`] knows.
//! 5. [`stream`] publishes the changes under the batch's own offset;
//! 6. a page mirrors them and draws.

// rustfmt sorts what stands together; blank lines keep the order of the flow.

/// The words of the field as plain types.
pub mod domain;

/// Where is this point: datums, jurisdictions, borders, zones.
pub mod atlas;

/// A region's folder: boundaries, matters, rules, names.
pub mod region;

/// The doors in, one file a protocol.
pub mod ingest;

/// What lasts: the log and its tables.
pub mod store;

/// The live picture: window, clusters, alerts; deterministic.
pub mod engine;

/// Statistics over history.
pub mod analysis;

/// The JSON shapes that HTTP and the stream share.
pub mod wire;

/// The live door out: hub, channels, sessions.
pub mod stream;

/// The one task that owns the engine: gather, commit, apply, publish, answer.
pub mod pipeline;

/// HTTP, one file a resource.
pub mod api;

/// One typed configuration: file, environment, flags.
pub mod config;

/// Scenarios and replay, through the same doors as everyone.
pub mod simulate;
