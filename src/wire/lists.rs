//! Lists, as HTTP tells them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AccountView, AlertView, IncidentView, SessionRow, TokenView};

/// Alerts of a longer list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsPage {
    /// The alerts.
    pub alerts: Vec<AlertView>,
    /// `cursor` of the next page; null at the end.
    #[schema(required)]
    pub next: Option<String>,
}

/// Incidents of a longer list.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentsPage {
    /// The incidents.
    pub incidents: Vec<IncidentView>,
    /// `cursor` of the next page; null at the end.
    #[schema(required)]
    pub next: Option<String>,
}

/// Accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsView {
    /// The accounts.
    pub accounts: Vec<AccountView>,
}

/// Sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsView {
    /// The sessions.
    pub sessions: Vec<SessionRow>,
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensView {
    /// The tokens.
    pub tokens: Vec<TokenView>,
}
