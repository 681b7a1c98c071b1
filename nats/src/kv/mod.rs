//! Key-value buckets.

pub(crate) mod bucket;
pub mod installation;
pub mod pending;
pub mod persons;
pub mod sessions;
pub mod used_keys;
