//! The words of the field as plain types: no I/O, no clock.
//!
//! Angles are degrees, lengths metres, speeds m/s, times UTC. Longitude comes
//! first everywhere, as in GeoJSON.

pub mod act;
pub mod alert;
pub mod change;
pub mod datum;
pub mod event;
pub mod forget;
pub mod grading;
pub mod incident;
pub mod jurisdiction;
pub mod lng_lat;
pub mod matter;
pub mod members;
pub mod provenance;
pub mod rfc3339;
pub mod rule;
pub mod text;
pub mod text_erasure;
pub mod time;
pub mod unit;
pub mod whole;
pub mod zone;

pub use act::{Act, Signer, WITHDRAW_MS};
pub use alert::{Alert, AlertId, AlertState};
pub use change::{AlertStep, Change};
pub use datum::{Datum, Original};
pub use event::{Batch, Event, Offset};
pub use forget::Forget;
pub use grading::Grading;
pub use incident::{Incident, IncidentId, NewIncident, Severity};
pub use jurisdiction::{Code, Level};
pub use lng_lat::LngLat;
pub use matter::{Catalogue, Class, Matter, MatterCode};
pub use members::Members;
pub use provenance::Provenance;
pub use rule::{Rule, RuleId, RuleSet};
pub use text_erasure::TextErasure;
pub use time::Time;
pub use unit::{NewUnit, Position, Unit, UnitId, UnitKind};
pub use whole::Whole;
pub use zone::ZoneKind;
