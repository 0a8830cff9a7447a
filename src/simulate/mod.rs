//! A demonstration through the same doors as everyone: made-up patrols and
//! incidents, scenarios whose outcome is known, and real reports of another
//! time. It learns the region from the service it sends to and from a plan
//! beside the region's boundaries, and marks every record it makes.

// A run: what is played, where, by whom, when; then how it is sent.

pub mod plan;

pub mod ground;

mod plane;

mod path;

mod patrol;

mod beat;

pub mod fleet;

mod rhythm;

pub mod background;

pub mod stage;

pub mod feed;

pub mod records;

pub mod doors;

pub mod tokens;

mod duty;

mod pace;

pub mod run;

pub mod replay;

pub use doors::Doors;
pub use ground::Ground;
pub use plan::Plan;

#[cfg(test)]
mod tests;
