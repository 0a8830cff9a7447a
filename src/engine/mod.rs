//! The live picture: fleet, sliding window, clusters, border alerts.

mod density;
mod slab;
