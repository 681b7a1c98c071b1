//! Ids in the provider's format: a prefix and 21 characters.

use rand::{Rng, distr::Alphanumeric};

/// Number of characters after the prefix.
const LENGTH: usize = 21;

/// Returns a new id. `prefix` is without the underscore. Only letters and digits: a webhook id must not contain a full stop.
///
/// Ids come from the system's randomness, not from the seed of the faults, so they do not repeat after a restart.
pub fn mint(prefix: &str) -> String {
    let tail: String = rand::rng().sample_iter(Alphanumeric).take(LENGTH).map(char::from).collect();
    format!("{prefix}_{tail}")
}
