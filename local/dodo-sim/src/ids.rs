//! Ids as the provider mints them: a prefix and 21 characters.

use rand::Rng;
use rand::distr::Alphanumeric;

/// How many characters follow the prefix.
const LENGTH: usize = 21;

/// A new id. `prefix` is without the underscore. Letters and digits only: a webhook id must have no full stop.
///
/// From the system's randomness, never from the seed of the faults: after a restart with the same seed it must not repeat.
pub fn mint(prefix: &str) -> String {
    let tail: String = rand::rng().sample_iter(Alphanumeric).take(LENGTH).map(char::from).collect();
    format!("{prefix}_{tail}")
}
