//! What the outside sees: the JSON shapes that HTTP and the stream share, and
//! from which the web's TypeScript types are made.
//!
//! Times are whole milliseconds of UTC since 1970 on the stream (compact) and in
//! these shapes alike; only what people send in is RFC 3339.

pub mod alert;
pub mod gazetteer;
pub mod incident;
pub mod of_domain;
pub mod region;
pub mod stats;
pub mod unit;

pub use alert::{AckView, AlertChange, AlertFrame, AlertView, BorderView, SideView};
pub use gazetteer::{Gazetteer, Named, Place};
pub use incident::{IncidentFrame, IncidentRow};
pub use region::{JurisdictionView, MatterView, RegionView, RuleView, ZoneView};
pub use stats::StatsFrame;
pub use unit::{UnitFrame, UnitRow, UnitView};
