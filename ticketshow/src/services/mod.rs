//! The services as processes, each alone or all in one: this module builds them from the other crates and contains no rules.

mod certificate;
mod command_api;
mod connections;
mod docs;
mod dodo_sim;
mod file_limit;
mod health;
mod host;
mod previews;
mod projectors;
mod query_api;
mod sagas;
mod serve;
mod start;
mod web;

pub use command_api::command_api;
pub use dodo_sim::dodo_sim;
pub use projectors::projectors;
pub use query_api::query_api;
pub use sagas::sagas;
pub use serve::serve;
