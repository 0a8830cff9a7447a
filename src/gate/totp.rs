//! Codes by the time of day (TOTP, RFC 6238), as every authenticator has them: SHA-1, six
//! digits, 30 s.

use totp_rs::{Builder, Secret, Totp, TotpError};

use crate::domain::Time;
use crate::store::factors::SECRET;

/// Digits of a code.
pub const DIGITS: usize = 6;

/// Steps by which a clock may be wrong, to either side.
const SKEW: u16 = 1;

/// What an authenticator shows beside the account.
const ISSUER: &str = "Pilin";

fn totp(secret: &[u8; SECRET], name: &str) -> Result<Totp, TotpError> {
    // An address of a code has no colon in a name.
    let name = name.replace(':', ".");
    let builder = Builder::new().with_secret(Secret::new_stack(*secret)).with_skew(SKEW);
    builder.with_issuer(Some(ISSUER)).with_account_name(name).build()
}

/// The step whose code this is, among those about a time.
pub fn step(secret: &[u8; SECRET], code: &str, now: Time) -> Option<u64> {
    let now = u64::try_from(now.ms().div_euclid(1_000)).ok()?;
    totp(secret, "").ok()?.check(code, now)
}

/// The address by which an authenticator takes a secret over.
pub fn uri(secret: &[u8; SECRET], name: &str) -> Result<String, TotpError> {
    totp(secret, name)?.to_url()
}

/// A secret as people type it: base32.
pub fn text(secret: &[u8; SECRET]) -> String {
    Secret::new_stack(*secret).to_base32()
}

/// The secret of such a text.
pub fn secret(text: &str) -> Option<[u8; SECRET]> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).take(4 * SECRET).collect();
    let secret = Secret::try_from_base32(plain.to_ascii_uppercase()).ok()?;
    secret.as_bytes().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B, for SHA-1.
    const RFC: &[u8; SECRET] = b"12345678901234567890";

    fn at(seconds: i64) -> Time {
        Time::from_ms(seconds * 1_000)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // The last six of the eight digits that stand there.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step(RFC, code, at(seconds));
            assert_eq!(step, u64::try_from(seconds / 30).ok(), "{seconds}");
        }
    }

    #[test]
    fn a_code_fits_a_step_early_and_late_and_no_further() {
        let own = at(1_234_567_890);
        let step = |ms: i64| step(RFC, "005924", own + ms * 30_000);
        let found = Some(1_234_567_890 / 30);
        assert_eq!([step(-1), step(0), step(1)], [found; 3]);
        assert_eq!([step(-2), step(2)], [None; 2]);
        assert_eq!(super::step(RFC, "005924", at(-1)), None);
        for odd in ["", "5924", "0005924", "00592a", "-05924", "+05924"] {
            assert_eq!(super::step(RFC, odd, own), None, "{odd}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_was_shown() {
        let shown = text(RFC);
        assert_eq!(shown, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(secret("gezd gnbv gy3t qojq GEZD GNBV GY3T QOJQ").as_ref(), Some(RFC));
        for odd in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", &shown.repeat(2)] {
            assert_eq!(secret(odd), None, "{odd}");
        }
        let uri = uri(RFC, "李:wei").unwrap();
        assert!(uri.starts_with("otpauth://totp/Pilin:%E6%9D%8E.wei?secret=GEZDGNBV"), "{uri}");
    }
}
