//! How far somebody's hand reaches.

use crate::domain::Code;

use super::{Land, Viewer};

/// What an agency may change: accounts, tokens and units of its own jurisdiction
/// and all below it.
#[derive(Clone, Copy)]
pub struct Reach<'a>(Option<(Code, &'a dyn Land)>);

impl<'a> Reach<'a> {
    /// Over all: at the command line, and in a service without accounts.
    pub const ALL: Reach<'static> = Reach(None);

    /// A viewer's.
    #[must_use]
    pub fn of(viewer: &Viewer, land: &'a dyn Land) -> Self {
        Self(viewer.agency().map(|agency| (agency, land)))
    }

    /// The agencies whose admins have another within reach: its own, and those of all
    /// that it is part of. None where whoever it is can always make another.
    #[must_use]
    pub fn above(self, agency: Code) -> Option<Vec<Code>> {
        self.0.map(|(_, land)| land.above(agency))
    }

    /// Whether it reaches an agency.
    #[must_use]
    pub fn holds(self, agency: Code) -> bool {
        self.0.is_none_or(|(own, land)| land.is_within(agency, own))
    }
}
