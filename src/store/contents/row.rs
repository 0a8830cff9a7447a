//! The rows, and how each reads as a line of JSON.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::access::{AccountId, Role, Scope, SessionId, TokenId};
use crate::domain::{Alert, AlertId, AlertStep, Code, Event, Incident, Offset, Time, Unit};

use super::super::audit::Record;
use super::super::registry::Secret;
use super::super::{AlertRecord, Forgetting, Owner, StepDetail, hex};
use super::Part;
use super::factor::FactorRow;
use super::feature::Feature;

/// A row of any part.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// What holds for the whole store.
    Note(Note),
    /// A batch of the log.
    Batch(BatchRow),
    /// An incident.
    Incident(IncidentRow),
    /// A unit.
    Unit(UnitRow),
    /// An alert as it last stood.
    Alert(Box<AlertRow>),
    /// A step of an alert.
    Step(StepRow),
    /// What is to be forgotten.
    Forgetting(Forgetting),
    /// An account.
    Account(AccountRow),
    /// Who an account is to a provider.
    Identity(IdentityRow),
    /// A session.
    Session(SessionRow),
    /// A token.
    Token(TokenRow),
    /// An entry of the audit log.
    Entry(Record),
}

/// What holds for the whole store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it is about.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// A batch of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRow {
    /// Its place.
    pub offset: Offset,
    /// Its time.
    pub at: Time,
    /// What happened.
    pub events: Vec<Event>,
}

/// An incident beside the log; its line is a feature of GeoJSON.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentRow {
    /// The batch that holds it.
    pub offset: Offset,
    /// Whose its name is.
    pub owner: Owner,
    /// The incident.
    pub incident: Incident,
}

/// A unit beside the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRow {
    /// The batch in which it last changed.
    pub offset: Offset,
    /// The unit.
    pub unit: Unit,
}

/// An alert as it last stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRow {
    /// The batch of its last step.
    pub offset: Offset,
    /// That step's place among the steps of the batch.
    pub nth: u32,
    /// The alert.
    pub alert: Alert,
}

/// A step of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRow {
    /// Whose.
    pub alert: AlertId,
    /// The batch it follows from.
    pub offset: Offset,
    /// Its place among the steps of that batch.
    pub nth: u32,
    /// When.
    pub at: Time,
    /// What happened.
    pub step: AlertStep,
    /// How the alert stood after it.
    pub detail: StepDetail,
}

impl StepRow {
    /// The row of a step that is to be kept.
    #[must_use]
    pub fn of(record: &AlertRecord) -> Self {
        Self {
            alert: record.alert.id,
            offset: record.offset,
            nth: record.nth,
            at: record.alert.updated_at,
            step: record.step,
            detail: StepDetail::of(record),
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRow {
    /// Its number.
    pub id: AccountId,
    /// The name to sign in with.
    pub name: Arc<str>,
    /// What others read.
    pub display: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it is for.
    pub role: Role,
    /// Its password's argon2id string; a wall has none.
    pub password: Option<String>,
    /// Whether it can no longer be used.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Time,
    /// When its password was set; 1970 if that is not known.
    #[serde(default)]
    pub password_at: Time,
    /// Whether its owner must choose another password before anything else.
    #[serde(default)]
    pub must_change: bool,
    /// When it last signed in.
    #[serde(default)]
    pub last_sign_in: Option<Time>,
    /// How often signing in failed since then.
    #[serde(default)]
    pub failed_tries: u64,
    /// Its second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<FactorRow>,
}

/// Who an account is to a provider of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRow {
    /// The account.
    pub account: AccountId,
    /// The provider's issuer.
    pub issuer: Arc<str>,
    /// Who it is to that issuer.
    pub subject: Arc<str>,
}

/// A session of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRow {
    /// Its number.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The hash of its secret.
    #[serde(serialize_with = "as_hex", deserialize_with = "from_hex")]
    pub secret: Secret,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used.
    pub last_use: Time,
    /// How long it may rest, in ms.
    pub idle_ms: i64,
    /// When it ends at the latest.
    pub ends_at: Time,
    /// From which address it was made.
    pub address: Option<IpAddr>,
    /// With which program, as that says itself.
    pub agent: String,
    /// When whose it is last proved who they are; 1970: only at its beginning.
    #[serde(default)]
    pub verified_at: Time,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRow {
    /// Its number.
    pub id: TokenId,
    /// What it is called.
    pub name: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it may be used for.
    pub scopes: Arc<[Scope]>,
    /// The hash of its secret.
    #[serde(serialize_with = "as_hex", deserialize_with = "from_hex")]
    pub secret: Secret,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used.
    pub last_use: Option<Time>,
    /// When it ends, if it does.
    pub ends_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// Why a text is no row.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRow {
    /// It does not read as one.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is no entry of an audit log.
    #[error("it is no entry of an audit log")]
    Entry,
}

impl Row {
    /// It as a line of JSON, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        let text = match self {
            Self::Note(row) => serde_json::to_string(row),
            Self::Batch(row) => serde_json::to_string(row),
            Self::Incident(row) => serde_json::to_string(&Feature::from(row.clone())),
            Self::Unit(row) => serde_json::to_string(row),
            Self::Alert(row) => serde_json::to_string(row),
            Self::Step(row) => serde_json::to_string(row),
            Self::Forgetting(row) => serde_json::to_string(row),
            Self::Account(row) => serde_json::to_string(row),
            Self::Identity(row) => serde_json::to_string(row),
            Self::Session(row) => serde_json::to_string(row),
            Self::Token(row) => serde_json::to_string(row),
            Self::Entry(record) => return record.exported(),
        };
        // Texts, numbers, lists and structs of these: encoding them cannot fail.
        text.unwrap_or_default()
    }

    /// The row of a part that a line stands for.
    ///
    /// # Errors
    /// When it stands for none.
    pub fn read(part: Part, line: &str) -> Result<Self, InvalidRow> {
        Ok(match part {
            Part::Notes => Self::Note(serde_json::from_str(line)?),
            Part::Log => Self::Batch(serde_json::from_str(line)?),
            Part::Incidents => Self::Incident(serde_json::from_str::<Feature>(line)?.into()),
            Part::Units => Self::Unit(serde_json::from_str(line)?),
            Part::Alerts => Self::Alert(serde_json::from_str(line)?),
            Part::AlertSteps => Self::Step(serde_json::from_str(line)?),
            Part::Forgetting => Self::Forgetting(serde_json::from_str(line)?),
            Part::Accounts => Self::Account(serde_json::from_str(line)?),
            Part::Identities => Self::Identity(serde_json::from_str(line)?),
            Part::Sessions => Self::Session(serde_json::from_str(line)?),
            Part::Tokens => Self::Token(serde_json::from_str(line)?),
            Part::Audit => Self::Entry(Record::from_exported(line).ok_or(InvalidRow::Entry)?),
        })
    }

    /// How much it holds, in events: a batch may be as large as a thousand others.
    #[must_use]
    pub fn events(&self) -> usize {
        match self {
            Self::Batch(row) => row.events.len(),
            _ => 1,
        }
    }
}

pub(super) fn as_hex<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(secret))
}

pub(super) fn from_hex<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    let text = String::deserialize(from)?;
    hex::decode(&text).ok_or_else(|| de::Error::custom("a hash is 64 hex digits"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Datum, LngLat, Original, Position, UnitId};

    prop_compose! {
        fn fix()(lng in -180.0..=180.0, lat in -90.0..=90.0, at in 0_i64..4_102_444_800_000,
            raw in any::<(f64, f64)>(), speed in any::<f32>(), accuracy in any::<f32>(),
        ) -> Position {
            let finite = |number: f32| number.is_finite().then_some(number);
            let original = raw.0.is_finite() && raw.1.is_finite();
            Position {
                unit: UnitId(7),
                at: Time::from_ms(at),
                point: LngLat::new(lng, lat).unwrap(),
                original: original.then_some(Original { datum: Datum::Bd09, lng: raw.0, lat: raw.1 }),
                speed_mps: finite(speed),
                course_deg: None,
                accuracy_m: finite(accuracy),
            }
        }
    }

    proptest! {
        #[test]
        fn a_fix_reads_as_it_was_written_to_the_last_bit(fix in fix()) {
            let events = vec![Event::Position(fix), Event::Tick];
            let row = Row::Batch(BatchRow { offset: Offset(9), at: fix.at, events });
            let again = Row::read(Part::Log, &row.line()).unwrap();
            prop_assert_eq!(again, row);
        }
    }

    #[test]
    fn what_reads_as_no_row_is_refused_with_the_reason() {
        let refused = |part, line| Row::read(part, line).unwrap_err().to_string();
        let why = refused(Part::Units, r#"{"offset":1,"unit":{},"more":1}"#);
        assert!(why.contains("missing field"), "{why}");
        assert!(refused(Part::Notes, "[").contains("EOF"));
        assert_eq!(refused(Part::Audit, "{}"), "it is no entry of an audit log");
        let token = r#"{"id":1,"account":1,"secret":"0g","created_at":"2026-03-01T00:00:00Z"}"#;
        assert!(refused(Part::Sessions, token).contains("a hash is 64 hex digits"));
    }
}
