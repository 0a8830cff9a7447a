//! Which records a viewer sees.

use crate::domain::Code;

/// Whose a record is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Homes {
    /// The jurisdictions whose agencies it belongs to, with all above them;
    /// ascending, each once.
    codes: Box<[Code]>,
    /// Whether it lies in shared ground, where everybody sees it.
    shared: bool,
}

impl Homes {
    /// Of jurisdictions in any order.
    pub fn new(codes: impl IntoIterator<Item = Code>, shared: bool) -> Self {
        let mut codes: Vec<_> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self { codes: codes.into(), shared }
    }

    /// The jurisdictions, ascending.
    #[must_use]
    pub const fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Whether everybody sees it.
    #[must_use]
    pub const fn shared(&self) -> bool {
        self.shared
    }

    /// Whether it belongs to a jurisdiction, or one below it.
    #[must_use]
    pub fn belongs_to(&self, agency: Code) -> bool {
        self.codes.binary_search(&agency).is_ok()
    }
}

/// Which records a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// Every record: of a service without accounts.
    All,
    /// Those of a jurisdiction and all below it, and those in shared ground.
    Of(Code),
}

impl Sight {
    /// Whether a record is seen.
    #[must_use]
    pub fn sees(self, homes: &Homes) -> bool {
        match self {
            Self::All => true,
            Self::Of(agency) => homes.shared || homes.belongs_to(agency),
        }
    }

    /// The same, of a record whose homes are found only if that matters.
    #[must_use]
    pub fn sees_of(self, homes: impl FnOnce() -> Homes) -> bool {
        self == Self::All || self.sees(&homes())
    }

    /// Whether a record is the viewer's own, and not seen merely because it lies
    /// in shared ground.
    #[must_use]
    pub fn takes_part(self, homes: &Homes) -> bool {
        match self {
            Self::All => true,
            Self::Of(agency) => homes.belongs_to(agency),
        }
    }
}
