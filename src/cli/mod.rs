//! One file a command.

pub mod analyze;
pub mod locate;
pub mod replay;
pub mod serve;
pub mod simulate;
