//! How long what lasts is kept.

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, check};

/// How long positions are kept unless told otherwise, days.
const POSITIONS_DAYS: u32 = 90;

/// How long what lasts is kept. Incidents (but for their texts), alerts and the audit log
/// are kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days after which a unit's positions are forgotten; none: never.
    pub positions_days: Option<u32>,
    /// Days after which what reporters wrote, and the references to their pictures, is
    /// erased; none: never.
    pub texts_days: Option<u32>,
}

/// What one layer says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Retention")]
pub struct RetentionLayer {
    /// How long positions of units are kept, days; then they are taken out of the log
    /// too, a whole day at once; 0 keeps them for ever; at most 36500 [default: 90].
    #[arg(long, env = "PILIN_POSITIONS_DAYS", value_name = "DAYS")]
    pub positions_days: Option<u32>,
    /// How long the descriptions of incidents and the references to their pictures are
    /// kept, days after they occurred; then they are erased, in the log too, a whole day at
    /// once, and the incidents stay; 0 keeps them for ever; at most 36500 [default: 0].
    #[arg(long, env = "PILIN_TEXTS_DAYS", value_name = "DAYS")]
    pub texts_days: Option<u32>,
}

impl Retention {
    pub(super) fn from_layers(
        upper: &RetentionLayer,
        lower: &RetentionLayer,
    ) -> Result<Self, ConfigError> {
        let days = |field, days: u32| {
            check::within(field, days, 0, 36_500).map(|days| Some(days).filter(|days| *days > 0))
        };
        let positions = upper.positions_days.or(lower.positions_days).unwrap_or(POSITIONS_DAYS);
        let texts = upper.texts_days.or(lower.texts_days).unwrap_or(0);
        Ok(Self {
            positions_days: days("retention.positions_days", positions)?,
            texts_days: days("retention.texts_days", texts)?,
        })
    }
}
