//! `GET /api/v1/map/{layer}.geojson`: what the pages draw.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::region::Region;
use crate::wire::DisplayLayer;

use super::caching::{accepts_gzip, hash, tag, unchanged};
use super::problem::ApiError;
use super::state::AppState;

/// The layers of a region. They do not change while the service runs, so each is
/// packed once, when it is first asked for.
#[derive(Debug)]
pub struct MapLayers {
    /// As the region's folder has them.
    whole: Vec<Layer>,
    /// As the pages draw them; made when they are first asked for.
    display: OnceLock<Vec<Layer>>,
}

#[derive(Debug)]
struct Layer {
    name: &'static str,
    /// What it is called at `/api/v1/map/`.
    file: String,
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
            Some(Layer::new(name, format!("{name}.geojson"), plain))
        };
        Self { whole: region.layers().filter_map(layer).collect(), display: OnceLock::new() }
    }

    fn display(&self, region: &Region) -> &[Layer] {
        self.display.get_or_init(|| {
            let layers = region.display_layers().into_iter();
            layers
                .map(|(name, plain)| {
                    let hash = hash(&plain);
                    Layer::new(name, format!("{name}.{hash:016x}.geojson"), plain)
                })
                .collect()
        })
    }

    /// A layer by its file, and whether its file changes with what is in it.
    fn find(&self, region: &Region, file: &str) -> Option<(&Layer, bool)> {
        let of = |layers: &'_ [Layer]| layers.iter().position(|layer| layer.file == file);
        if let Some(place) = of(&self.whole) {
            return Some((&self.whole[place], false));
        }
        // Only the files of the pages have a second dot: no other name makes them.
        file.matches('.').nth(1)?;
        let display = self.display(region);
        of(display).map(|place| (&display[place], true))
    }
}

impl Layer {
    fn new(name: &'static str, file: String, plain: Bytes) -> Self {
        Self { name, file, tag: tag(&plain), plain, packed: OnceLock::new() }
    }

    fn packed(&self) -> &Bytes {
        self.packed.get_or_init(|| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            // Writing into memory cannot fail.
            let packed = gzip.write_all(&self.plain).and_then(|()| gzip.finish());
            packed.unwrap_or_default().into()
        })
    }
}

/// The layers that the pages draw, by their files.
///
/// # Errors
/// Answers 500 if they cannot be made.
pub(super) async fn display_layers(app: &AppState) -> Result<Vec<DisplayLayer>, ApiError> {
    let making = app.clone();
    let made = tokio::task::spawn_blocking(move || {
        let layers = making.layers.display(&making.region).iter();
        layers
            .map(|layer| DisplayLayer { layer: layer.name.to_owned(), file: layer.file.clone() })
            .collect()
    });
    made.await.map_err(|why| ApiError::internal(&why))
}

/// Answers a layer, packed if the client can unpack, or that it has not changed.
#[utoipa::path(
    get, path = "/api/v1/map/{file}",
    operation_id = "getMapLayer", tag = "map",
    params(
        (
            "file" = String,
            Path,
            description = "`LAYER.geojson`, as `layers` of the region names them, or a `file` of its `display`"
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
    let (finding, packs) = (app.clone(), accepts_gzip(&headers));
    let found = tokio::task::spawn_blocking(move || {
        let (layer, immutable) = finding.layers.find(&finding.region, &file).ok_or(file)?;
        let packed = packs.then(|| layer.packed().clone());
        Ok((layer.tag.clone(), layer.plain.clone(), packed, immutable))
    });
    let found: Result<_, String> = found.await.map_err(|why| ApiError::internal(&why))?;
    let (tag, plain, packed, immutable) =
        found.map_err(|file| ApiError::not_found(format!("map layer “{file}”")))?;
    let keep = if immutable { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    let about: [(HeaderName, HeaderValue); 3] = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if unchanged(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    let Some(packed) = packed else {
        return Ok((about, kind, plain).into_response());
    };
    let packing = [(header::CONTENT_ENCODING, "gzip")];
    Ok((about, kind, packing, packed).into_response())
}
