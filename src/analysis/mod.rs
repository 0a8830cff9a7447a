//! Statistics over history. Pure: no I/O, no clock.

mod cubes;
pub mod dbscan;
mod sets;
