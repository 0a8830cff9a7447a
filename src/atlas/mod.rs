//! Where is this point: datums and distances on the ground.
//!
//! Pure: no I/O, no clock.

pub mod datum;
pub mod ground;
