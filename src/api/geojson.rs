//! Things with a place as GeoJSON (RFC 7946).

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json as value};

use crate::wire::{AlertView, IncidentView};

/// A value as plain JSON.
pub fn json(body: &impl Serialize) -> Response {
    sent(body, "application/json")
}

/// Features as a page of a longer list; `next` is where the next page begins.
pub fn page(features: impl Iterator<Item = Value>, next: Option<&str>) -> Response {
    let features: Vec<Value> = features.collect();
    let page = value!({"type": "FeatureCollection", "features": features, "next": next});
    sent(&page, "application/geo+json")
}

/// One incident as a feature of its own.
pub fn feature(view: &IncidentView) -> Response {
    sent(&incident(view), "application/geo+json")
}

/// An alert: the hull of its members.
pub fn alert(alert: &AlertView) -> Value {
    let geometry = match &alert.hull[..] {
        [] => value!({"type": "Point", "coordinates": alert.center}),
        [point] => value!({"type": "Point", "coordinates": point}),
        [_, _] => value!({"type": "LineString", "coordinates": alert.hull}),
        [first, ..] => {
            let ring: Vec<_> = alert.hull.iter().chain([first]).collect();
            value!({"type": "Polygon", "coordinates": [ring]})
        }
    };
    value!({"type": "Feature", "id": alert.id, "properties": alert, "geometry": geometry})
}

/// An incident: its point.
pub fn incident(incident: &IncidentView) -> Value {
    let geometry = value!({"type": "Point", "coordinates": [incident.lon, incident.lat]});
    value!({"type": "Feature", "id": incident.id, "properties": incident, "geometry": geometry})
}

fn sent(body: &impl Serialize, kind: &'static str) -> Response {
    // Numbers and texts: encoding them cannot fail.
    let body = serde_json::to_vec(body).unwrap_or_default();
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
