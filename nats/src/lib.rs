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
pub mod kv;
pub mod log;
pub mod server;
pub mod subjects;

// Old paths and names, until every user imports by path.
pub use consumers::{
    in_order::{InOrder, read_models_consumer},
    mail::{ListedMail, Mail, MailEntry, MailFilter, MailState},
    mails::Mails,
    parked::{InvalidParkedId as NotAParkedId, Parked, ParkedId, ParkedMessage},
    rebuilds::{RebuildReply as RebuildAnswer, RebuildRequest as RebuildWish},
    subscription::{Handler, Subscription as Durable, run_subscription as run_durable},
    timers::Timers,
    verdict::Verdict,
    webhooks::Webhooks,
};
pub use executor::{
    Executor,
    outcome::{AggregateState as Seen, ExecuteError, Executed, Freshness},
    settings::ExecutorSettings,
};
pub use failure::Failure;
pub use guard::{
    gate::{Gate, GateState as Shut},
    log_guard::{AcceptError, LogMark, accept_log, guard_log},
};
pub use kv::sessions::{Rotation, Session, Sessions, TokenHash};
pub use log::{
    envelope::{Commit, EnvelopeError, RecordedEvent as Recorded},
    event_store::EventStore,
    history::Log,
    metadata::{Actor, Metadata},
};
pub use server::{
    check::check_server,
    config::{ClusterConfig, ServerConfig, server_config},
    connection::{Connection, Settings},
    topology::{TopologyError, TopologySettings, provision},
    users::{NatsUser, UserKey, generate_user_key, public_key},
};
pub use ticketshow_domain::mail::MailKind as Matter;
