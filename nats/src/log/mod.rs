//! The log of events: writing and reading commits.

pub(crate) mod committer;
mod crossover;
pub mod envelope;
pub mod event_store;
pub(crate) mod follower;
pub mod history;
#[cfg(test)]
mod hostile;
pub(crate) mod loaded;
pub mod metadata;
pub(crate) mod reader;
pub(crate) mod snapshots;
pub(crate) mod store;
pub mod unparsed;
