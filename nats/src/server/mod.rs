//! The nats-server: connections to it, its streams and consumers, its users and its configuration.

pub mod check;
pub mod config;
pub mod connection;
pub mod copies;
pub(crate) mod durables;
mod moments;
pub(crate) mod progress;
pub(crate) mod requests;
pub mod staging;
pub mod topology;
pub mod usage;
pub mod users;
