//! The live stream, from outside: `stage` tells a story exactly, `wire` is a
//! client that sees every frame.

mod crowd;
mod document;
mod follower;
mod resume;
mod sdk;
mod sessions;
mod stage;
mod wire;
