//! Tests of this crate against real nats-servers.

#![expect(clippy::unwrap_used, reason = "a test fails on any unexpected error")]

mod answers;
mod audit;
mod batches;
mod cluster;
mod commits;
mod copies;
mod crashes;
mod event_store;
mod executor;
mod full;
mod guard;
mod in_order;
mod installation;
mod log;
mod mails;
mod outages;
mod parked;
mod permissions;
mod persons;
mod proxy;
mod sessions;
mod site;
mod snapshots;
mod subscription;
mod timers;
mod topology;
mod wallets;
