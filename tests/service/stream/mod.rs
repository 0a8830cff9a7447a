//! The live stream, from outside: `stage` tells a story exactly, `wire` is a
//! client that sees every frame.

mod crowd;
mod document;
mod follower;
mod house;
mod resume;
mod sdk;
mod service;
mod sessions;
mod stage;
mod together;
pub mod wire;
