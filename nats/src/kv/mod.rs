//! Key-value buckets.

pub(crate) mod bucket;
mod endings;
pub mod installation;
pub mod pending;
pub mod persons;
pub mod sessions;
pub mod used_keys;
