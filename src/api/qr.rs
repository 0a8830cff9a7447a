//! Texts as QR codes, for pages to draw.

use std::fmt::Write as _;

use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

use crate::wire::QrView;

/// Modules that must stay empty around a code.
const MARGIN: i32 = 4;

/// A text as a QR code.
pub fn drawn(text: &str) -> Result<QrView, DataTooLong> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|at| code.get_module(*at, y)).count();
            let run = i32::try_from(run).unwrap_or_default();
            if run > 0 {
                // Writing to a text cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN);
            }
            x += run + 1;
        }
    }
    Ok(QrView { size: (code.size() + 2 * MARGIN).unsigned_abs(), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_by_its_dark_runs_with_a_margin() {
        let QrView { size, path } = drawn("otpauth://totp/Pilin:li?secret=GEZDGNBV").unwrap();
        assert_eq!(size, 29 + 8, "version 3");
        // The upper left finder: seven dark, then one light between.
        assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
        assert!(path.contains("M4 5h1v1h-1z"), "{path}");
        assert!(drawn(&"long ".repeat(1_000)).is_err());
    }
}
