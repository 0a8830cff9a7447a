//! How long sessions rest and last.

/// What holds for the sessions of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long one may rest, in ms.
    pub idle_ms: i64,
    /// How long one lasts, in ms.
    pub lasts_ms: i64,
    /// How many one account has at once.
    pub most: u32,
}

impl Terms {
    /// Of a role for which nothing is said.
    pub const SHORT: Self = Self { idle_ms: 30 * 60_000, lasts_ms: 12 * 3_600_000, most: 3 };
}
