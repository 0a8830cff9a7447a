//! Statistics over history. Pure: no I/O, no clock.

pub mod dbscan;
