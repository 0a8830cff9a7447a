//! The pipeline on a real store, over a region of two squares.

mod flaky;
mod stories;
pub mod world;
