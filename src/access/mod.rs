//! Who may do what, and who sees what: the one place where both are decided, for
//! HTTP, stream, tiles and exports alike.
//!
//! Pure. [`may`] answers whether a viewer may do a deed at all; [`Sight`] whether
//! a record is among those that the viewer's agency sees, by the [`Homes`] that a
//! [`Land`] finds for it.

mod deed;
mod ground;
mod land;
mod reach;
mod role;
mod scope;
mod sight;
mod viewer;

pub use deed::{Deed, Denied, may};
pub use ground::Ground;
pub use land::Land;
pub use reach::Reach;
pub use role::Role;
pub use scope::{InvalidScope, Kind, Scope};
pub use sight::{Homes, Sight};
pub use viewer::{AccountId, Device, Must, Person, SessionId, TokenId, Viewer};

#[cfg(test)]
mod tests;
