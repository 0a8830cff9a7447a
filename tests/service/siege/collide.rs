//! Unit codes that an unkeyed hash of the kind of `FxHash` tells from each other only by
//! comparing them all.

/// Letters after which one half of the hash's state is what comes next, so that the other
/// half forgets: whatever the eight letters after them are, the hash is the same.
const HEAD: &str = "sfcrljVRcujaxYJn0123456789abcdefkbeKX5gz";
const TAIL: &str = "ghijklmnopqrstuv";

/// One of a hundred million.
pub fn code(number: u64) -> String {
    format!("{HEAD}{number:08}{TAIL}")
}

#[test]
fn the_codes_collide_without_a_key() {
    use std::hash::{BuildHasher, RandomState};

    let (unkeyed, keyed) = (rustc_hash::FxBuildHasher, RandomState::new());
    for number in 1..1_000 {
        assert_eq!(unkeyed.hash_one(code(number)), unkeyed.hash_one(code(0)));
        assert_ne!(keyed.hash_one(code(number)), keyed.hash_one(code(0)));
    }
}
