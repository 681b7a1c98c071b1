//! Everything of this crate against real nats-servers.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

mod cluster;
mod commits;
mod crashes;
mod durable;
mod event_store;
mod executor;
mod guard;
mod in_order;
mod log;
mod parked;
mod permissions;
mod sessions;
mod site;
mod snapshots;
mod timers;
mod topology;
mod wallets;
