//! Who may come in, what they may do, and what they see.

mod accounts;
mod audit;
mod bulk;
mod doors;
mod duties;
mod erasure;
pub mod factor;
mod oidc;
mod once;
pub mod people;
mod races;
mod sight;
mod signatures;
mod tokens;
mod walls;
