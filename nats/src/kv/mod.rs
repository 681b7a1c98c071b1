//! Key-value buckets.

pub(crate) mod bucket;
pub mod installation;
pub mod sessions;
