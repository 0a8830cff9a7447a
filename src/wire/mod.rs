//! What the outside sees: the JSON shapes that HTTP and the stream share, and
//! from which the web's TypeScript types are made.
//!
//! Times are whole milliseconds of UTC since 1970 on the stream (compact) and in
//! these shapes alike; only what people send in is RFC 3339.

pub mod access;
pub mod alert;
pub mod detail;
mod devices;
mod factor;
pub mod gazetteer;
pub mod incident;
pub mod lists;
pub mod of_domain;
pub mod of_region;
pub mod problem;
pub mod region;
pub mod stats;
pub mod unit;

mod schema;

pub use access::{
    AccountView, AgencyView, AuditCheck, AuditPage, AuditRow, NewAccountView, NewTokenView,
    SessionRow, SessionView, TokenView, WallCodeView,
};
pub use alert::{AckView, AlertChange, AlertFrame, AlertView, BorderView, SideView, SignerView};
pub use detail::{AlertDetail, IncidentView, NearUnit, NearUnits, SideUnits, StepView};
pub use devices::{DevicesView, FaultView, SenderFaultsView, UnitFaultsView};
pub use factor::{FactorOffer, FactorView, QrView, RecoveryCodes};
pub use gazetteer::{Gazetteer, Named, Place};
pub use incident::{IncidentFrame, IncidentRow};
pub use lists::{AccountsView, AlertsPage, IncidentsPage, SessionsView, TokensView};
pub use of_region::AtlasNames;
pub use problem::Problem;
pub use region::{
    ClassView, DisplayLayer, JurisdictionView, MatterView, RegionView, RuleView, TilesView,
    ZoneView,
};
pub use stats::StatsFrame;
pub use unit::{UnitFrame, UnitRow, UnitView};
