//! What of a list is asked for, by place, time and matter.

use crate::domain::{Alert, Code, Incident, MatterCode, Time};
use crate::wire::Gazetteer;

use super::accounts::known;
use super::params::{Bbox, Params};
use super::problem::ApiError;
use super::state::AppState;

/// What lists of incidents and of alerts can be narrowed by; what is not named
/// narrows nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    bbox: Option<Bbox>,
    since: Option<Time>,
    until: Option<Time>,
    matter: Option<MatterCode>,
    jurisdiction: Option<Code>,
    zone: Option<(String, u16)>,
}

impl Filter {
    /// The parameters it reads.
    pub const PARAMS: [&str; 6] = ["bbox", "since", "until", "matter", "jurisdiction", "zone"];

    /// Reads it; what the region has not is refused.
    pub fn read(params: &Params, app: &AppState) -> Result<Self, ApiError> {
        let matter = params.get::<String>("matter")?;
        if let Some(unknown) = matter.as_deref().filter(|it| app.region.catalogue.get(it).is_none())
        {
            return Err(ApiError::field("matter", format!("the catalogue has no “{unknown}”")));
        }
        let jurisdiction = params.get::<Code>("jurisdiction")?;
        let jurisdiction = jurisdiction.map(|code| known(app, "jurisdiction", code)).transpose()?;
        let zone = params.get::<String>("zone")?.map(|zone| {
            let at = app.names.zone(&zone);
            at.map(|at| (zone.clone(), at))
                .ok_or_else(|| ApiError::field("zone", format!("there is no zone “{zone}”")))
        });
        Ok(Self {
            bbox: params.bbox()?,
            since: params.get("since")?,
            until: params.get("until")?,
            matter: matter.map(|matter| MatterCode::new(&matter)),
            jurisdiction,
            zone: zone.transpose()?,
        })
    }

    /// Whether an incident lies and occurred where and when is asked for.
    pub fn takes(&self, incident: &Incident, names: &dyn Gazetteer) -> bool {
        self.bbox.is_none_or(|bbox| bbox.holds(incident.point))
            && self.since.is_none_or(|since| incident.occurred_at >= since)
            && self.until.is_none_or(|until| incident.occurred_at < until)
            && self.matter.as_ref().is_none_or(|matter| incident.matter == *matter)
            && (self.jurisdiction.is_none() && self.zone.is_none() || {
                let place = names.place(incident.point);
                self.jurisdiction.is_none_or(|code| place.jurisdictions.contains(&Some(code)))
                    && self.zone.as_ref().is_none_or(|(_, zone)| place.zones.contains(zone))
            })
    }

    /// Whether an alert lived in the time asked for, has members of the matter or
    /// in the zone, its middle in the box, and a side or its middle in the
    /// jurisdiction.
    pub fn takes_alert(&self, alert: &Alert, names: &dyn Gazetteer) -> bool {
        let lies_in = |code| {
            alert.sides.iter().any(|side| side.jurisdiction == code)
                || names.place(alert.center).jurisdictions.contains(&Some(code))
        };
        self.bbox.is_none_or(|bbox| bbox.holds(alert.center))
            && self.since.is_none_or(|since| alert.ended_at.is_none_or(|ended| ended >= since))
            && self.until.is_none_or(|until| alert.raised_at < until)
            && self
                .matter
                .as_ref()
                .is_none_or(|it| alert.matters.iter().any(|(code, _)| code == it))
            && self.zone.as_ref().is_none_or(|(zone, _)| alert.zones.contains(zone))
            && self.jurisdiction.is_none_or(lies_in)
    }
}
