//! Tests of this crate against real nats-servers.

#![expect(clippy::unwrap_used, reason = "a test fails on any unexpected error")]

mod commits;
mod guard;
mod proxy;
mod site;
mod wallets;

mod consumers {
    mod audit;
    mod in_order;
    mod mails;
    mod parked;
    pub mod subscription;
    mod timers;
}

mod executor {
    mod batches;
    pub mod crashes;
    mod mailboxes;
}

mod kv {
    mod installation;
    mod persons;
    mod sessions;
}

mod log {
    mod event_store;
    mod reading;
    mod snapshots;
}

mod server {
    mod answers;
    mod cluster;
    mod copies;
    mod full;
    mod outages;
    mod permissions;
    mod topology;
}
