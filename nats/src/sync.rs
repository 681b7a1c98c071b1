//! Locks that survive a panic. `ticketshow_http::sync` is the same for the crates above: neither crate depends on the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex whose value is consistent after every statement, so that a panic of an earlier holder does no harm.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
