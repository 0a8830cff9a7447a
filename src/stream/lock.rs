//! One way to take a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock. What the stream's locks guard is whole after every statement,
/// so a panic elsewhere leaves nothing half done: a poisoned lock is taken all
/// the same.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
