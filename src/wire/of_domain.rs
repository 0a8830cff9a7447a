//! The wire's shapes made from the domain's types and the map's names.

use crate::domain::{Alert, Code, Incident, Level, LngLat, Position, Signer, Time, Unit, UnitKind};

use super::{
    AckView, AgencyView, AlertView, BorderView, Gazetteer, IncidentRow, IncidentView, Place,
    SideView, SignerView, UnitRow, UnitView,
};

impl AlertView {
    /// An alert with the names of its sides and border. What the map does not
    /// know (an alert of an older one) is called by its code.
    #[must_use]
    pub fn of(alert: &Alert, map: &dyn Gazetteer) -> Self {
        let sides: Vec<_> = alert
            .sides
            .iter()
            .map(|side| {
                let known = map.jurisdiction(side.jurisdiction);
                let code = side.jurisdiction.to_string();
                SideView {
                    name: known.map_or_else(|| code.clone(), |known| known.name.to_owned()),
                    name_en: known.map_or_else(|| code.clone(), |known| known.name_en.to_owned()),
                    code,
                    members: side.members,
                    place: side.place.to_string(),
                }
            })
            .collect();
        let ms = |time: Option<Time>| time.map(Time::ms);
        Self {
            id: alert.id.0,
            state: alert.state,
            severity: alert.severity.grade(),
            lifted_by: alert.lifted_by.clone(),
            lifted_by_size: alert.lifted_by_size,
            rule: alert.rule.to_string(),
            border: BorderView::of(alert, map),
            sides,
            members: u32::try_from(alert.members.len()).unwrap_or(u32::MAX),
            cores: alert.cores,
            matters: alert.matters.iter().map(|(code, of)| (code.to_string(), *of)).collect(),
            zones: alert.zones.clone(),
            parties: map.homes_of_alert(alert).codes().iter().map(Code::to_string).collect(),
            center: degrees(alert.center),
            hull: alert.hull.iter().copied().map(degrees).collect(),
            border_distance_m: rounded(alert.border_distance_m, 10.0),
            last_24h: alert.trend.0,
            previous_24h: alert.trend.1,
            provenance: alert.provenance,
            raised_at: alert.raised_at.ms(),
            alarming_since: alert.alarming_since.ms(),
            updated_at: alert.updated_at.ms(),
            fading_since: ms(alert.fading_since),
            ended_at: ms(alert.ended_at),
            merged_into: alert.merged_into.map(|id| id.0),
            split_from: alert.split_from.map(|id| id.0),
            reopened: alert.reopened,
            acknowledged: alert.acknowledged.as_ref().map(|ack| AckView {
                by: ack.by.clone(),
                signer: ack.signer.as_ref().map(|signer| SignerView::of(signer, map)),
                at: ack.at.ms(),
                note: ack.note.clone(),
            }),
        }
    }
}

impl SignerView {
    /// An account with the name of its agency, if the map knows it.
    #[must_use]
    pub fn of(signer: &Signer, map: &dyn Gazetteer) -> Self {
        let (name, name_en) = map
            .jurisdiction(signer.agency)
            .map_or_else(Default::default, |of| (of.name.to_owned(), of.name_en.to_owned()));
        let agency = AgencyView { code: signer.agency.to_string(), name, name_en };
        Self { account: signer.account, name: signer.name.clone(), agency }
    }
}

impl BorderView {
    /// The border of an alert: among those of the level of its sides.
    fn of(alert: &Alert, map: &dyn Gazetteer) -> Self {
        let first = alert.sides.first().and_then(|side| map.jurisdiction(side.jurisdiction));
        let level = first.map_or(Level::Province, |jurisdiction| jurisdiction.level);
        map.border(level, alert.border).unwrap_or_else(|| Self {
            code: String::new(),
            name: String::new(),
            name_en: String::new(),
        })
    }
}

impl IncidentRow {
    /// An incident that lies in a place.
    #[must_use]
    pub fn of(incident: &Incident, place: &Place) -> Self {
        let [lng, lat] = degrees(incident.point);
        let code = place.at(Level::County).or(place.at(Level::Province));
        Self(
            incident.id.0,
            lng,
            lat,
            incident.matter.to_string(),
            incident.occurred_at.ms(),
            incident.severity.grade(),
            code.map(|code| code.to_string()).unwrap_or_default(),
            incident.provenance,
        )
    }
}

impl IncidentView {
    /// An incident, and where the map says it lies.
    #[must_use]
    pub fn of(incident: &Incident, map: &dyn Gazetteer) -> Self {
        let place = map.place(incident.point);
        let [lon, lat] = degrees(incident.point);
        let zone = |at: &u16| map.zones().get(usize::from(*at)).cloned();
        Self {
            id: incident.id.0,
            source: incident.source.to_string(),
            external_id: incident.external_id.to_string(),
            matter: incident.matter.to_string(),
            lon,
            lat,
            occurred_at: incident.occurred_at.ms(),
            severity: incident.severity.grade(),
            description: incident.description.to_string(),
            media: incident.media.clone(),
            provenance: incident.provenance,
            jurisdictions: place.jurisdictions.iter().flatten().map(Code::to_string).collect(),
            zones: place.zones.iter().filter_map(zone).collect(),
        }
    }
}

impl UnitRow {
    /// A unit's newest fix.
    #[must_use]
    pub fn of(position: &Position, agency: Code, kind: UnitKind) -> Self {
        let [lng, lat] = degrees(position.point);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a course is within 0 to 360 degrees"
        )]
        let course = |degrees: f32| (degrees.round() as u16) % 360;
        let speed = |mps: f32| (mps * 10.0).round() / 10.0;
        Self(
            position.unit.0,
            lng,
            lat,
            position.course_deg.map(course),
            position.speed_mps.map(speed),
            position.at.ms(),
            agency.to_string(),
            kind,
        )
    }
}

impl UnitView {
    /// A unit's particulars.
    #[must_use]
    pub fn of(unit: &Unit) -> Self {
        Self {
            id: unit.id.0,
            code: unit.code.to_string(),
            name: unit.name.to_string(),
            kind: unit.kind,
            agency: unit.agency.to_string(),
            provenance: unit.provenance,
        }
    }
}

/// `[lng, lat]` to a ten-millionth of a degree (1 cm), finer than any fix.
fn degrees(point: LngLat) -> [f64; 2] {
    [rounded(point.lng(), 1e7), rounded(point.lat(), 1e7)]
}

/// To the nearest `1 / parts`.
fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}
