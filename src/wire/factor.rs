//! Second factors as HTTP tells them.

use serde::Serialize;
use utoipa::ToSchema;

/// What an account has of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactorView {
    /// Whether it can have one: it signs in by a password.
    pub possible: bool,
    /// Whether it has one.
    pub enrolled: bool,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

/// A second factor for an authenticator to take over.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactorOffer {
    /// Its secret, in base32.
    pub secret: String,
    /// The same as an address (`otpauth:`).
    pub uri: String,
    /// That address as a QR code.
    pub qr: QrView,
}

/// A QR code: dark squares on a light ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QrView {
    /// Width and height, with the margin.
    pub size: u32,
    /// The dark squares, as a path of SVG.
    pub path: String,
}

/// What does instead of the factor, each once.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Told once.
    pub recovery_codes: Vec<String>,
}
