//! `GET /api/v1/map/{layer}.geojson`: what the pages draw.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::region::Region;

use super::caching::{accepts_gzip, tag, unchanged};
use super::problem::ApiError;
use super::state::AppState;

/// The layers of a region. They do not change while the service runs, so each is
/// packed once, when it is first asked for.
#[derive(Debug)]
pub struct MapLayers(Vec<Layer>);

#[derive(Debug)]
struct Layer {
    name: &'static str,
    tag: HeaderValue,
    plain: Bytes,
    packed: OnceLock<Bytes>,
}

impl MapLayers {
    /// The layers of a region.
    #[must_use]
    pub fn of(region: &Region) -> Self {
        let layer = |name| {
            let plain = region.layer(name)?.clone();
            Some(Layer { name, tag: tag(&plain), plain, packed: OnceLock::new() })
        };
        Self(region.layers().filter_map(layer).collect())
    }
}

impl Layer {
    fn packed(&self) -> &Bytes {
        self.packed.get_or_init(|| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            // Writing into memory cannot fail.
            let packed = gzip.write_all(&self.plain).and_then(|()| gzip.finish());
            packed.unwrap_or_default().into()
        })
    }
}

/// Answers a layer, packed if the client can unpack, or that it has not changed.
#[utoipa::path(
    get, path = "/api/v1/map/{file}",
    operation_id = "getMapLayer", tag = "map",
    params(
        (
            "file" = String,
            Path,
            description = "`LAYER.geojson`, as `layers` of the region names them"
        )
    ),
    responses(
        (
            status = 200,
            description = "The layer, GeoJSON (RFC 7946).",
            body = Value,
            content_type = "application/geo+json"
        ),
        (status = 304, description = "Not changed since the `ETag` of `If-None-Match`.")
    )
)]
pub async fn get(
    State(app): State<AppState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let place = file
        .strip_suffix(".geojson")
        .and_then(|name| app.layers.0.iter().position(|layer| layer.name == name));
    let Some(place) = place else {
        return Err(ApiError::not_found(format!("map layer “{file}”")));
    };
    let about: [(HeaderName, HeaderValue); 3] = [
        (header::ETAG, app.layers.0[place].tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if unchanged(&headers, &app.layers.0[place].tag) {
        return Ok((axum::http::StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    if !accepts_gzip(&headers) {
        return Ok((about, kind, app.layers.0[place].plain.clone()).into_response());
    }
    let packing = app.clone();
    let packed = tokio::task::spawn_blocking(move || packing.layers.0[place].packed().clone());
    let packed = packed.await.map_err(|why| ApiError::internal(&why))?;
    let packing = [(header::CONTENT_ENCODING, "gzip")];
    Ok((about, kind, packing, packed).into_response())
}
