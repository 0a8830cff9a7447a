//! A tile source under the map; without one no request leaves the machine.

use std::fmt;

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, check};

/// What the tiles hold.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum TilesKind {
    /// Pictures.
    #[default]
    Raster,
    /// Shapes.
    Vector,
}

impl fmt::Display for TilesKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raster => "raster",
            Self::Vector => "vector",
        })
    }
}

/// A tile source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// What the tiles hold.
    pub kind: TilesKind,
    /// Template with `{z}`, `{x}` and `{y}`, or the URL of a `TileJSON`; WGS-84 on
    /// the web's Mercator grid.
    pub url: String,
    /// The side of a tile in pixels.
    pub tile_size: u16,
    /// What must be written on the map.
    pub attribution: String,
}

/// What one layer says of the tiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Tiles under the map")]
pub struct TilesLayer {
    /// What the tiles hold: raster or vector [default: raster].
    #[arg(
        id = "tiles_kind",
        long = "tiles-kind",
        env = "PILIN_TILES_KIND",
        value_name = "KIND",
        hide_possible_values = true
    )]
    pub kind: Option<TilesKind>,

    /// URL template with {z}/{x}/{y} (XYZ, WMTS), or the URL of a TileJSON; not of
    /// tiles in GCJ-02 [default: none, nothing is asked of other machines].
    #[expect(clippy::doc_markdown, reason = "the help is no Markdown")]
    #[arg(id = "tiles_url", long = "tiles-url", env = "PILIN_TILES_URL", value_name = "URL")]
    pub url: Option<String>,

    /// Side of a tile, pixels [default: 256].
    #[arg(id = "tiles_size", long = "tiles-size", env = "PILIN_TILES_SIZE", value_name = "PIXELS")]
    pub tile_size: Option<u16>,

    /// What must be written on the map for them [default: nothing].
    #[arg(
        id = "tiles_attribution",
        long = "tiles-attribution",
        env = "PILIN_TILES_ATTRIBUTION",
        value_name = "TEXT"
    )]
    pub attribution: Option<String>,
}

impl Tiles {
    pub(super) fn from_layers(
        upper: TilesLayer,
        lower: TilesLayer,
    ) -> Result<Option<Self>, ConfigError> {
        let kind = upper.kind.or(lower.kind);
        let tile_size = upper.tile_size.or(lower.tile_size);
        let attribution = upper.attribution.or(lower.attribution);
        let Some(url) = upper.url.or(lower.url) else {
            if kind.is_some() || tile_size.is_some() || attribution.is_some() {
                return Err(ConfigError::key("tiles.url", "missing, though tiles are described"));
            }
            return Ok(None);
        };
        if !["http://", "https://", "/"].iter().any(|start| url.starts_with(start)) {
            return Err(ConfigError::key("tiles.url", format!("“{url}” is no URL of the web")));
        }
        Ok(Some(Self {
            kind: kind.unwrap_or_default(),
            url,
            tile_size: check::within("tiles.tile_size", tile_size.unwrap_or(256), 64, 4096)?,
            attribution: attribution.unwrap_or_default(),
        }))
    }
}
