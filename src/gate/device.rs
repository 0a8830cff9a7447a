//! Devices from which somebody has signed in before.
//!
//! A browser keeps a mark for each of the last accounts that signed in there: a random
//! number, and a hash over it, the account and the hash of its password, which only the
//! store has. So a mark says nothing of the password, holds on every server of the store
//! and after a restart, is kept nowhere but in the browser, and is worth nothing once the
//! password is another. It lets nobody in: tries with it are counted apart from what
//! strangers try.

use sha2::{Digest, Sha256};

use crate::access::AccountId;

use super::error::GateError;
use super::secret::{hash_of, hex, random};

/// Marks that a browser keeps: of those who share a desk.
const MARKS: usize = 4;

/// Bytes of the number.
const NUMBER: usize = 16;

/// Letters of a mark: the number and the hash in hex.
const LETTERS: usize = 2 * (NUMBER + 32);

/// What names a device to which an account is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark([u8; NUMBER]);

#[cfg(test)]
impl Mark {
    pub const fn of(number: u8) -> Self {
        Self([number; NUMBER])
    }
}

/// The marks that a browser showed, as far as they can be some.
fn marks(shown: &str) -> impl Iterator<Item = &str> {
    let plain = |mark: &&str| mark.len() == LETTERS && mark.bytes().all(|c| c.is_ascii_hexdigit());
    shown.split('.').filter(plain).take(MARKS)
}

/// The mark among those shown that is of an account with this hash of its password.
pub fn known(shown: &str, account: AccountId, hash: &str) -> Option<Mark> {
    let own = |mark: &&str| {
        let (number, proof) = mark.split_at(2 * NUMBER);
        // Hashes are compared, so that the time it takes says nothing.
        hash_of(proof) == hash_of(&prove(number, account, hash))
    };
    let (number, _) = marks(shown).find(own)?.split_at(2 * NUMBER);
    let mut bytes = [0; NUMBER];
    for (byte, digits) in bytes.iter_mut().zip(number.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Mark(bytes))
}

/// What a browser is to keep from now on: the mark of this account first.
pub fn marked(shown: &str, account: AccountId, hash: &str) -> Result<String, GateError> {
    let of_account = |mark: &&str| known(mark, account, hash).is_some();
    let own = if let Some(own) = marks(shown).find(of_account) {
        own.to_owned()
    } else {
        let number = hex(&random::<NUMBER>()?);
        let proof = prove(&number, account, hash);
        number + &proof
    };
    let others = marks(shown).filter(|mark| *mark != own).map(str::to_owned);
    let all: Vec<_> = [own.clone()].into_iter().chain(others).take(MARKS).collect();
    Ok(all.join("."))
}

fn prove(number: &str, account: AccountId, hash: &str) -> String {
    let inner = Sha256::new()
        .chain_update("device\n")
        .chain_update(hash)
        .chain_update(format!("\n{number}\n{}", account.0))
        .finalize();
    hex(&Sha256::digest(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LI: AccountId = AccountId(3);

    #[test]
    fn a_device_is_known_to_the_accounts_that_signed_in_there_and_to_no_other() {
        let kept = marked("", LI, "hash").unwrap();
        let mark = known(&kept, LI, "hash").unwrap();
        assert_eq!(known(&kept, AccountId(4), "hash"), None);
        assert_eq!(known(&kept, LI, "another"), None, "the password was changed");
        let both = marked(&kept, AccountId(4), "other").unwrap();
        assert_eq!(known(&both, LI, "hash"), Some(mark));
        assert!(known(&both, AccountId(4), "other").is_some());
        let again = marked(&both, LI, "hash").unwrap();
        assert_eq!(known(&again, LI, "hash"), Some(mark), "it keeps its mark");
        assert_eq!(again.len(), both.len());
    }

    #[test]
    fn a_browser_keeps_few_and_what_is_no_mark_is_no_mark() {
        let mut kept = String::new();
        for account in 0..9 {
            kept = marked(&kept, AccountId(account), "hash").unwrap();
        }
        assert_eq!(kept.split('.').count(), MARKS);
        assert!(known(&kept, AccountId(8), "hash").is_some());
        assert!(known(&kept, AccountId(0), "hash").is_none());
        let long = "x".repeat(100_000);
        for shown in ["", ".", "é", &*long, &*"0".repeat(LETTERS)] {
            assert_eq!(known(shown, LI, "hash"), None);
            assert_eq!(
                marked(shown, LI, "hash").unwrap().split('.').next().unwrap().len(),
                LETTERS
            );
        }
    }
}
