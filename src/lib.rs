//! Pilin 毗邻: one live picture of urban-management enforcement on both sides of
//! a border.

// rustfmt sorts what stands together; blank lines keep the order of the flow.

/// The words of the field as plain types.
pub mod domain;

/// Where is this point: datums, jurisdictions, borders, zones.
pub mod atlas;

/// Who may do what, and who sees what.
pub mod access;

/// A region's folder, read and cross-checked.
pub mod region;

/// A CSV with a header, its columns found by name.
pub mod table;

/// The doors in: bytes become submissions, item by item.
pub mod ingest;

/// What lasts: the log and the tables beside it.
pub mod store;

/// A whole store as a folder of files.
pub mod archive;

/// What waits on this machine's own disk while the store is away.
pub mod spool;

/// The live picture: fleet, sliding window, clusters, border alerts.
pub mod engine;

/// Statistics over history.
pub mod analysis;

/// Who is at the door: sessions, tokens, walls, sign-in.
pub mod gate;

/// The JSON shapes that HTTP and the stream share.
pub mod wire;

/// The live door out: hub, channels, sessions.
pub mod stream;

/// The one task that owns the engine: gather, commit, apply, publish, answer.
pub mod pipeline;

/// One typed configuration: defaults, file, environment, flags.
pub mod config;

/// HTTP, one file a resource.
pub mod api;

/// A whole service, put together from its configuration.
pub mod service;

/// Scenarios and replay, through the same doors as everyone.
pub mod simulate;
