//! Why boundaries cannot be used.

use rustc_hash::FxHashSet;

use super::source::Source;

/// A fault of a layer: which file, which feature, and why.
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
    /// A ring that is not closed, or crosses itself.
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

/// So many faults are told of one region.
const TOLD: usize = 20;

/// Layers that are refused: all that is wrong with them, as far as one run can tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(.first, *.more))]
pub struct AtlasErrors {
    first: Vec<AtlasError>,
    more: usize,
}

impl AtlasErrors {
    /// The first faults, in the order in which they were found.
    #[must_use]
    pub fn first(&self) -> &[AtlasError] {
        &self.first
    }
}

fn told(first: &[AtlasError], more: usize) -> String {
    let rest = (more > 0).then(|| format!("and {more} more"));
    first.iter().map(AtlasError::to_string).chain(rest).collect::<Vec<_>>().join("\n")
}

/// Gathers what is wrong with layers, and what of them is left out.
#[derive(Debug, Default)]
pub(super) struct Faults {
    first: Vec<AtlasError>,
    more: usize,
    /// The codes of features that are refused: what lies in them is not at fault.
    pub refused: FxHashSet<String>,
    /// What encloses nothing and is left out.
    pub left_out: Vec<String>,
}

impl Faults {
    /// One more.
    pub fn add(&mut self, error: AtlasError) {
        if self.first.iter().any(|known| known.is_same_overlap(&error)) {
            return;
        }
        if self.first.len() < TOLD {
            self.first.push(error);
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// What is left out of the layers, unless anything is wrong.
    pub fn finish(self) -> Result<Vec<String>, AtlasErrors> {
        let Self { first, more, left_out, .. } = self;
        if first.is_empty() { Ok(left_out) } else { Err(AtlasErrors { first, more }) }
    }
}

impl From<AtlasError> for AtlasErrors {
    fn from(error: AtlasError) -> Self {
        Self { first: vec![error], more: 0 }
    }
}

impl AtlasError {
    /// Whether both tell of the same two features that they overlap, wherever.
    fn is_same_overlap(&self, error: &Self) -> bool {
        let pair = |of: &Self| match (&of.feature, &of.reason) {
            (Some(one), Reason::Overlap { other, .. }) => {
                Some((one.clone().min(other.clone()), one.clone().max(other.clone())))
            }
            _ => None,
        };
        self.file == error.file && pair(self).is_some_and(|known| Some(known) == pair(error))
    }

    /// An error of a whole file.
    pub(super) fn file(source: &Source<'_>, reason: Reason) -> Self {
        Self { file: source.file.to_owned(), feature: None, reason }
    }

    /// An error of one feature.
    pub(super) fn feature(file: &str, feature: String, reason: Reason) -> Self {
        Self { file: file.to_owned(), feature: Some(feature), reason }
    }
}
