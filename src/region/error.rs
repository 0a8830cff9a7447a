//! Why a region's folder cannot be used.

use crate::atlas::AtlasErrors;

/// A region's folder that is refused.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// A folder that is not a region's.
    #[error(
        "{folder}: there is no region.toml; name the region's folder with --region [default: data]"
    )]
    NoRegion {
        /// The folder.
        folder: String,
    },
    /// A file that cannot be read.
    #[error("reading {file}: {why}")]
    Read {
        /// The file.
        file: String,
        /// Why not.
        why: std::io::Error,
    },
    /// A file that is not what it must be.
    #[error("{file}: {why}")]
    Shape {
        /// The file.
        file: String,
        /// What is wrong, and where.
        why: String,
    },
    /// A value that cannot be.
    #[error("{file}: {field}: {why}")]
    Field {
        /// The file.
        file: String,
        /// Which value.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// Boundaries that cannot be used.
    #[error(transparent)]
    Atlas(#[from] AtlasErrors),
    /// Rules that cannot be used.
    #[error("{file}: {why}")]
    Rules {
        /// The file.
        file: String,
        /// Why not.
        why: RulesError,
    },
}

/// Rules that are refused.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// No TOML or JSON, or of another shape.
    #[error("{0}")]
    Shape(String),
    /// There is none: nothing would ever alarm.
    #[error("rule: there must be at least one")]
    None,
    /// A duration that is none.
    #[error("rule {rule}: {field}: “{text}” is no duration such as 72h or 30m")]
    Duration {
        /// Which rule.
        rule: String,
        /// Which field.
        field: &'static str,
        /// What it says.
        text: String,
    },
    /// A matter that the catalogue does not hold.
    #[error("rule {rule}: matters: the catalogue has no “{matter}”")]
    UnknownMatter {
        /// Which rule.
        rule: String,
        /// The matter it names.
        matter: String,
    },
    /// A value that cannot be.
    #[error(transparent)]
    Invalid(#[from] crate::domain::rule::InvalidRule),
}
