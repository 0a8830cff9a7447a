//! Accounts, sessions, tokens and the audit log as HTTP tells them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::access::{Must, Role, Scope};

/// An agency, by its jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgencyView {
    /// Division code.
    pub code: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// Who asks. Of an open service all is null but `rights`; of a token's there is
/// no account, session or role.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionView {
    /// Whether the service has no account yet, and asks nobody who they are.
    pub open: bool,
    /// The account's number.
    #[schema(required)]
    pub account: Option<u64>,
    /// The session's number.
    #[schema(required)]
    pub session: Option<u64>,
    /// The name to sign in with, or the token's.
    #[schema(required)]
    pub name: Option<String>,
    /// What others read.
    #[schema(required)]
    pub display: Option<String>,
    /// What the account is for.
    #[schema(required)]
    pub role: Option<Role>,
    /// Its agency.
    #[schema(required)]
    pub agency: Option<AgencyView>,
    /// The deeds that are allowed, by their words.
    pub rights: Vec<&'static str>,
    /// What must be done before anything else; the rights say no more than that till then.
    #[schema(required)]
    pub must: Option<Must>,
    /// The roles that an account may be given; none of who manages no accounts.
    pub roles: Vec<Role>,
    /// When the session ends at the latest, ms since 1970; told at sign-in alone.
    #[schema(required)]
    pub ends_at: Option<i64>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountView {
    /// Its number.
    pub id: u64,
    /// The name to sign in with.
    pub name: String,
    /// What others read.
    pub display: String,
    /// Its agency.
    pub agency: AgencyView,
    /// What it is for.
    pub role: Role,
    /// Whether it can no longer be used.
    pub disabled: bool,
    /// ms since 1970.
    pub created_at: i64,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

/// An account that was just made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewAccountView {
    /// The account.
    pub account: AccountView,
    /// The password it was given, told once; null if it was chosen.
    #[schema(required)]
    pub password: Option<String>,
}

/// A session that may be used.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionRow {
    /// Its number.
    pub id: u64,
    /// Whose: the account's number.
    pub account: u64,
    /// The account's name.
    pub name: String,
    /// The account's role.
    pub role: Role,
    /// The account's agency.
    pub agency: AgencyView,
    /// ms since 1970.
    pub created_at: i64,
    /// ms since 1970, to about a minute.
    pub last_use: i64,
    /// ms since 1970.
    pub ends_at: i64,
    /// From which address it was made.
    #[schema(required)]
    pub address: Option<String>,
    /// With which program, as that says itself.
    pub agent: String,
    /// Whether it is the asker's own.
    pub current: bool,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TokenView {
    /// Its number.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// Its agency.
    pub agency: AgencyView,
    /// What it may be used for.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
    /// ms since 1970.
    pub created_at: i64,
    /// ms since 1970, to about a minute.
    #[schema(required)]
    pub last_use: Option<i64>,
    /// ms since 1970, if it ends.
    #[schema(required)]
    pub ends_at: Option<i64>,
    /// ms since 1970, if it was revoked.
    #[schema(required)]
    pub revoked_at: Option<i64>,
}

/// A token that was just made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NewTokenView {
    /// The token.
    pub token: TokenView,
    /// Its secret, told once.
    pub secret: String,
}

/// A code for a wall to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WallCodeView {
    /// What the wall shows, `XXXX-XXXX`.
    pub code: String,
    /// What the wall keeps to itself.
    pub claim: String,
    /// Until when, ms since 1970.
    pub ends_at: i64,
}

/// Entries of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage<'a> {
    /// The entries.
    pub entries: Vec<AuditRow<'a>>,
    /// `before` of the next page; null at the end.
    #[schema(required)]
    pub next: Option<u64>,
}

/// Whether the audit log's chain holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditCheck {
    /// Why it does not hold; null if it does.
    #[schema(required)]
    pub broken: Option<String>,
    /// How many entries hold; null if it is broken or empty.
    #[schema(required)]
    pub entries: Option<u64>,
    /// The newest link, hex: to be kept elsewhere.
    #[schema(required)]
    pub newest: Option<String>,
    /// Whether the link that was asked for is in it; null if none was.
    #[schema(required)]
    pub kept: Option<bool>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRow<'a> {
    /// Its number.
    pub number: u64,
    /// Its link of the chain, hex.
    pub link: String,
    /// Its line, as it is kept.
    #[schema(value_type = Object)]
    pub entry: &'a RawValue,
}
