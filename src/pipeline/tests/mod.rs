//! The pipeline on a real store, over a region of two squares.

mod failures;
mod flaky;
mod forgets;
mod history;
mod rules;
mod sim;
mod spool;
mod starts;
mod stories;
pub mod world;
