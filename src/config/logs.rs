//! What is logged, and how.

use clap::Args;
use serde::Deserialize;

/// Of connections that are lost while the store is away Pilin tells itself.
const USUAL: &str = "info,sqlx_core::pool=error";

/// How a line of the log looks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// How a line looks.
    pub format: LogFormat,
    /// What is logged, as `tracing` filters say it.
    pub filter: String,
}

/// What one layer says of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Log")]
pub struct LogsLayer {
    /// How a line looks: auto (human on a terminal, JSON otherwise), human, json
    /// [default: auto].
    #[arg(
        id = "log_format",
        long = "log-format",
        env = "PILIN_LOG_FORMAT",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub format: Option<LogFormat>,

    /// What is logged.
    #[arg(
        id = "log_filter",
        long = "log",
        env = "PILIN_LOG",
        value_name = "FILTER",
        help = format!(
            "What is logged, a level or a list like `info,pilin=debug` [default: {USUAL}]"
        )
    )]
    pub filter: Option<String>,
}

impl Logs {
    pub(super) fn from_layers(upper: LogsLayer, lower: LogsLayer) -> Self {
        Self {
            format: upper.format.or(lower.format).unwrap_or_default(),
            filter: upper.filter.or(lower.filter).unwrap_or_else(|| USUAL.to_owned()),
        }
    }
}
