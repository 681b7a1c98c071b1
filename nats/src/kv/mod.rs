//! Key-value buckets.

pub(crate) mod bucket;
pub mod pending;
pub mod sessions;
