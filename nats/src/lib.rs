//! The log and everything that speaks NATS: the only crate that names the client library.
//!
//! - writing: [`Executor`] decides commands on aggregates held in memory and commits their events; [`EventStore`] is the
//!   same log behind the interface of `cqrs-es`;
//! - reading: [`Log`];
//! - processes over time: [`run_durable`] with [`Parked`] messages and [`Timers`];
//! - what else lives in NATS: [`Mails`], [`Sessions`], snapshots, the topology and its users;
//! - [`Gate`] and the guard that drives it keep writers away from a log that went backwards.

mod attempts;
mod bucket;
pub mod clock;
mod connection;
mod durable;
mod envelope;
mod event_store;
mod executor;
mod failure;
mod gate;
mod guard;
mod in_order;
mod log;
mod mails;
mod metadata;
mod parked;
mod reader;
mod rebuilds;
mod requests;
mod runner;
mod server;
mod server_config;
mod sessions;
mod snapshots;
mod store;
mod subjects;
mod timers;
mod topology;
mod users;
mod webhooks;

pub use connection::{Connection, Settings};
pub use durable::{Durable, Handler, Verdict, run_durable};
pub use envelope::{Commit, EnvelopeError, Recorded};
pub use event_store::EventStore;
pub use executor::{ExecuteError, Executed, Executor, ExecutorSettings, Freshness, Seen};
pub use failure::Failure;
pub use gate::{Gate, Shut};
pub use guard::{AcceptError, LogMark, accept_log, guard_log};
pub use in_order::{InOrder, read_models_consumer};
pub use log::Log;
pub use mails::{ListedMail, Mail, MailEntry, MailFilter, MailState, Mails, Matter};
pub use metadata::{Actor, Metadata};
pub use parked::{NotAParkedId, Parked, ParkedId, ParkedMessage};
pub use rebuilds::{RebuildAnswer, RebuildWish};
pub use server::check_server;
pub use server_config::{ClusterConfig, ServerConfig, server_config};
pub use sessions::{Rotation, Session, Sessions, TokenHash};
pub use subjects::consumers;
pub use timers::Timers;
pub use topology::{TopologyError, TopologySettings, provision};
pub use users::{NatsUser, UserKey, generate_user_key, public_key};
pub use webhooks::Webhooks;
