//! Key-value buckets.

pub(crate) mod bucket;
pub mod sessions;
