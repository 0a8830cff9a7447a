//! Why boundaries cannot be used.

use super::source::Source;

/// A layer that is refused: which file, which feature, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {feature}{reason}", feature = .feature.as_ref().map(|f| format!("{f}: ")).unwrap_or_default())]
pub struct AtlasError {
    /// The file.
    pub file: String,
    /// The feature, by its place in the file and its code where that could be
    /// read; `None` when the whole file is at fault.
    pub feature: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No JSON, or JSON of another shape.
    #[error("{0}")]
    Shape(String),
    /// A geometry that is no polygon or multi-polygon.
    #[error("geometry is a {0}, not a Polygon or MultiPolygon")]
    WrongType(String),
    /// A ring that encloses nothing, is not closed, or crosses itself.
    #[error("invalid ring: {0}")]
    Ring(String),
    /// A feature of another level than its layer's.
    #[error("level is {found}, in the layer of level {wanted}")]
    Level {
        /// The feature's.
        found: String,
        /// The layer's.
        wanted: String,
    },
    /// A code used twice.
    #[error("code {code} is also that of {other}")]
    Duplicate {
        /// The code.
        code: String,
        /// Where else it stands.
        other: String,
    },
    /// A jurisdiction below the provinces that names no parent.
    #[error("names no parent")]
    NoParent,
    /// A parent that no wider layer holds.
    #[error("parent {0} is in no wider layer")]
    UnknownParent(String),
    /// A zone's member that no layer holds.
    #[error("member {0} is in no layer")]
    UnknownMember(String),
    /// Two features of one layer cover the same ground.
    #[error("overlaps {other} near {near}")]
    Overlap {
        /// The other feature.
        other: String,
        /// Longitude and latitude in degrees.
        near: String,
    },
    /// Nothing in a layer that must hold something.
    #[error("holds no feature")]
    Empty,
    /// More than the atlas can number.
    #[error("{0}")]
    TooMany(String),
}

impl AtlasError {
    /// An error of a whole file.
    pub(super) fn file(source: &Source<'_>, reason: Reason) -> Self {
        Self { file: source.file.to_owned(), feature: None, reason }
    }

    /// An error of one feature.
    pub(super) fn feature(file: &str, feature: String, reason: Reason) -> Self {
        Self { file: file.to_owned(), feature: Some(feature), reason }
    }
}
