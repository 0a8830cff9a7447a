//! What can be done at a door, and who may.

use super::{Kind, Role, Scope, Viewer};

/// One thing that a door does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Read the region, its map, its rules and its clock; ask where a point lies.
    SeeMap,
    /// Read incidents.
    SeeIncidents,
    /// Read what reporters wrote, and where their pictures are: it may be personal.
    SeeTexts,
    /// Read units and where they are.
    SeeUnits,
    /// Read alerts and their history.
    SeeAlerts,
    /// Hear the live stream.
    Listen,
    /// Read where units were.
    SeeHistory,
    /// Erase where a unit of the agency's jurisdiction was.
    EraseTrack,
    /// Erase what a reporter wrote of something in the agency's jurisdiction.
    EraseTexts,
    /// Take records out in bulk.
    Export,
    /// Answer for an alert.
    Acknowledge,
    /// Take back that one answers for an alert.
    Withdraw,
    /// Let a wall in by its code.
    AdmitWall,
    /// Set the rules.
    SetRules,
    /// Set a driven clock.
    SetClock,
    /// Hand something in.
    Ingest(Kind),
    /// See, make, change and disable accounts of the agency's jurisdiction.
    ManageAccounts,
    /// See, make and revoke tokens of the agency's jurisdiction.
    ManageTokens,
    /// Read the audit log.
    ReadAudit,
    /// Read what the service measures of itself.
    ReadMetrics,
    /// Ask who one is, sign out, change one's own password, see one's sessions.
    OwnAccount,
}

/// A viewer may not do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this account or token may not do this ({})", .0.word())]
pub struct Denied(pub Deed);

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 23] = [
        Self::SeeMap,
        Self::SeeIncidents,
        Self::SeeTexts,
        Self::SeeUnits,
        Self::SeeAlerts,
        Self::Listen,
        Self::SeeHistory,
        Self::EraseTrack,
        Self::EraseTexts,
        Self::Export,
        Self::Acknowledge,
        Self::Withdraw,
        Self::AdmitWall,
        Self::SetRules,
        Self::SetClock,
        Self::Ingest(Kind::Incident),
        Self::Ingest(Kind::Position),
        Self::Ingest(Kind::Unit),
        Self::ManageAccounts,
        Self::ManageTokens,
        Self::ReadAudit,
        Self::ReadMetrics,
        Self::OwnAccount,
    ];

    /// Its word: stable, in answers and in the audit log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SeeMap => "see-map",
            Self::SeeIncidents => "see-incidents",
            Self::SeeTexts => "see-texts",
            Self::SeeUnits => "see-units",
            Self::SeeAlerts => "see-alerts",
            Self::Listen => "listen",
            Self::SeeHistory => "see-history",
            Self::EraseTrack => "erase-track",
            Self::EraseTexts => "erase-texts",
            Self::Export => "export",
            Self::Acknowledge => "acknowledge",
            Self::Withdraw => "withdraw",
            Self::AdmitWall => "admit-wall",
            Self::SetRules => "set-rules",
            Self::SetClock => "set-clock",
            Self::Ingest(Kind::Incident) => "ingest-incident",
            Self::Ingest(Kind::Position) => "ingest-position",
            Self::Ingest(Kind::Unit) => "ingest-unit",
            Self::ManageAccounts => "manage-accounts",
            Self::ManageTokens => "manage-tokens",
            Self::ReadAudit => "read-audit",
            Self::ReadMetrics => "read-metrics",
            Self::OwnAccount => "own-account",
        }
    }

    const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Analyst, Auditor, Commander, Officer, SecurityAdmin, SystemAdmin, Wall};
        match self {
            Self::SeeMap | Self::OwnAccount => &Role::ALL,
            Self::SeeIncidents | Self::SeeUnits | Self::SeeAlerts | Self::Listen => {
                &[Wall, Officer, Analyst, Commander, Admin, SystemAdmin]
            }
            Self::SeeTexts => &[Officer, Analyst, Commander, Admin, SystemAdmin],
            Self::SeeHistory => &[Analyst, Commander],
            Self::Export => &[Analyst],
            Self::Acknowledge | Self::Withdraw | Self::AdmitWall | Self::Ingest(Kind::Incident) => {
                &[Officer, Commander]
            }
            Self::Ingest(Kind::Unit) => &[Commander],
            Self::Ingest(Kind::Position) => &[],
            Self::EraseTrack
            | Self::EraseTexts
            | Self::SetRules
            | Self::SetClock
            | Self::ManageTokens
            | Self::ReadMetrics => &[Admin, SystemAdmin],
            Self::ManageAccounts => &[Admin, SecurityAdmin],
            Self::ReadAudit => &[Admin, Auditor],
        }
    }

    /// Any one of these does.
    const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::SeeMap => &Scope::ALL,
            Self::SeeIncidents | Self::SeeTexts | Self::SeeUnits => &[Scope::ReadFeatures],
            Self::SeeAlerts => &[Scope::ReadAlerts],
            Self::SeeHistory => &[Scope::ReadHistory],
            Self::Listen => &[Scope::Stream],
            Self::Ingest(Kind::Incident) => &[Scope::IngestIncident],
            Self::Ingest(Kind::Position) => &[Scope::IngestPosition],
            Self::Ingest(Kind::Unit) => &[Scope::IngestUnit],
            Self::SetClock => &[Scope::SetClock],
            Self::ReadMetrics => &[Scope::ReadMetrics],
            Self::EraseTrack
            | Self::EraseTexts
            | Self::Export
            | Self::Acknowledge
            | Self::Withdraw
            | Self::AdmitWall
            | Self::SetRules
            | Self::ManageAccounts
            | Self::ManageTokens
            | Self::ReadAudit
            | Self::OwnAccount => &[],
        }
    }
}

/// Whether a viewer may do a deed. Which records it may be done to is
/// [`super::Sight`]'s to say.
///
/// # Errors
/// When it may not.
pub fn may(viewer: &Viewer, deed: Deed) -> Result<(), Denied> {
    let allowed = match viewer {
        // Accounts begin at the machine itself, not at a door that is open.
        Viewer::Open => {
            !matches!(deed, Deed::ManageAccounts | Deed::ManageTokens | Deed::AdmitWall)
        }
        Viewer::Person(person) if person.must.is_some() => deed == Deed::OwnAccount,
        Viewer::Person(person) => deed.roles().contains(&person.role),
        Viewer::Device(device) => deed.scopes().iter().any(|scope| device.scopes.contains(scope)),
    };
    if allowed { Ok(()) } else { Err(Denied(deed)) }
}
