//! What of devices was refused or is not believed, as HTTP tells it.

use serde::Serialize;
use utoipa::ToSchema;

use super::AgencyView;

/// Devices that send what cannot be right.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DevicesView {
    /// Since when it is counted, ms since 1970 by the machine's clock: since this server
    /// started.
    pub since: i64,
    /// Units with faults, those with the newest fault first.
    pub units: Vec<UnitFaultsView>,
    /// Tokens and accounts that sent what was refused, those with the newest first.
    pub senders: Vec<SenderFaultsView>,
    /// Faults of yet other units and senders, of which nothing else is kept.
    pub beyond: u64,
}

/// A unit, and what was wrong with what was sent of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct UnitFaultsView {
    /// The agency's own key.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its agency.
    pub agency: AgencyView,
    /// When the newest fix that is believed was taken, ms since 1970.
    #[schema(required)]
    pub last_fix: Option<i64>,
    /// Items refused.
    pub refused: u64,
    /// Fixes that are in its track, but not believed.
    pub doubted: u64,
    /// The newest faults, the last first.
    pub last: Vec<FaultView>,
}

/// A token or an account, and what was wrong with what it sent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SenderFaultsView {
    /// The token's or account's name; empty where nobody has to sign in.
    pub name: String,
    /// Its agency.
    #[schema(required)]
    pub agency: Option<AgencyView>,
    /// Items refused.
    pub refused: u64,
    /// The newest faults, the last first.
    pub last: Vec<FaultView>,
}

/// What was wrong with one item.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FaultView {
    /// When it came in, ms since 1970 by the machine's clock.
    pub at: i64,
    /// The field at fault; none if it is the item as a whole.
    #[schema(required)]
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// Whether it is in the track, and only not believed.
    pub kept: bool,
}
