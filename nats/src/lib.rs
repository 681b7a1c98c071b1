//! The log and everything else in NATS. This is the only crate that names the client library.
//!
//! - `log`: commits, written by the executor and read as histories or followed live;
//! - `executor`: commands decided on aggregates in memory, committed in groups;
//! - `consumers`: subscriptions to the log, parked messages, timers, mails, provider notices, rebuild requests;
//! - `kv`: buckets and signed-in sessions;
//! - `server`: the connection, the topology, its users, the server's configuration;
//! - `guard`: protection against a log that went backwards.

#![deny(missing_docs)]

pub mod clock;
pub mod consumers;
pub mod executor;
pub mod failure;
pub mod guard;
pub mod key_ring;
pub mod kv;
pub mod log;
pub mod server;
pub mod subjects;
pub mod sync;
