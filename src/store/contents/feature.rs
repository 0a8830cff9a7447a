//! An incident as a feature of GeoJSON (RFC 7946).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Incident, IncidentId, LngLat, MatterCode, Offset, Original, Provenance, Severity, Time,
};

use super::super::Owner;
use super::IncidentRow;

/// A feature.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Feature {
    /// Of an incident.
    Feature {
        /// Its number.
        id: IncidentId,
        /// Where.
        geometry: Geometry,
        /// All else.
        properties: Properties,
    },
}

/// Where an incident is.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Geometry {
    /// At a point in WGS-84.
    Point {
        /// Longitude and latitude.
        coordinates: LngLat,
    },
}

/// What is to be said of an incident.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Properties {
    offset: Offset,
    #[serde(default, skip_serializing_if = "Owner::is_nobody")]
    owner: Owner,
    source: Arc<str>,
    external_id: Arc<str>,
    matter: MatterCode,
    original: Option<Original>,
    occurred_at: Time,
    severity: Severity,
    description: Arc<str>,
    media: Vec<String>,
    provenance: Provenance,
}

impl From<IncidentRow> for Feature {
    fn from(IncidentRow { offset, owner, incident }: IncidentRow) -> Self {
        Self::Feature {
            id: incident.id,
            geometry: Geometry::Point { coordinates: incident.point },
            properties: Properties {
                offset,
                owner,
                source: incident.source,
                external_id: incident.external_id,
                matter: incident.matter,
                original: incident.original,
                occurred_at: incident.occurred_at,
                severity: incident.severity,
                description: incident.description,
                media: incident.media,
                provenance: incident.provenance,
            },
        }
    }
}

impl From<Feature> for IncidentRow {
    fn from(feature: Feature) -> Self {
        let Feature::Feature { id, geometry: Geometry::Point { coordinates }, properties } =
            feature;
        let incident = Incident {
            id,
            source: properties.source,
            external_id: properties.external_id,
            matter: properties.matter,
            point: coordinates,
            original: properties.original,
            occurred_at: properties.occurred_at,
            severity: properties.severity,
            description: properties.description,
            media: properties.media,
            provenance: properties.provenance,
        };
        Self { offset: properties.offset, owner: properties.owner, incident }
    }
}
