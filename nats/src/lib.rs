//! The log and everything that speaks NATS: the only crate that names the client library.
//!
//! - writing: [`Executor`] decides commands on aggregates held in memory and commits their events; [`EventStore`] is the
//!   same log behind the interface of `cqrs-es`;
//! - reading: [`Log`];
//! - processes over time: [`run_durable`] with [`Parked`] messages and [`Timers`];
//! - what else lives in NATS: [`Sessions`], snapshots, the topology and its users;
//! - [`Gate`] and the guard that drives it keep writers away from a log that went backwards.

pub mod clock;
mod connection;
mod envelope;
mod executor;
mod failure;
mod gate;
mod log;
mod metadata;
mod snapshots;
mod store;
mod subjects;

pub use connection::{Connection, Settings};
pub use envelope::{Commit, EnvelopeError, Recorded};
pub use executor::{ExecuteError, Executed, Executor, ExecutorSettings, Freshness, Seen};
pub use failure::Failure;
pub use gate::{Gate, Shut};
pub use log::Log;
pub use metadata::{Actor, Metadata};
pub use store::EventStore;
