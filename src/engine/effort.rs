//! How much is looked at: counted in tests, which hold it in proportion to what
//! happens.

#[cfg(test)]
thread_local! {
    static SO_FAR: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// So many things were looked at.
#[cfg_attr(not(test), expect(clippy::missing_const_for_fn, reason = "it counts in tests"))]
#[inline]
pub(super) fn looked_at(many: usize) {
    #[cfg(test)]
    SO_FAR.with(|so_far| so_far.set(so_far.get() + many as u64));
    #[cfg(not(test))]
    let _ = many;
}

/// How many by this thread.
#[cfg(test)]
pub(super) fn so_far() -> u64 {
    SO_FAR.with(std::cell::Cell::get)
}
