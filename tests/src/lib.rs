//! Real servers for tests: nats-server, Postgres, Caddy, an SMTP inbox, OpenSearch, `MinIO`, the Dodo simulator, a collector of traces and the
//! `ticketshow` binary itself, started on free loopback ports with temporary data.
//!
//! A part that does not start fails the test: functions here panic and show the log of the part. Every part ends when
//! its value is dropped, and also when the test process dies without dropping anything. This crate depends on no
//! crate of ours but the Dodo simulator and the HTTP client, which depend on none, so that all of them can use it in
//! their tests.

mod caddy;
mod certificate;
mod collector;
mod dodo_sim;
mod eventually;
mod folder;
mod inbox;
mod minio;
mod nats;
mod nats_cluster;
mod nats_config;
mod opensearch;
mod outage;
pub mod planted;
mod port;
mod postgres;
mod process;
mod reaper;
mod server;
mod stack;
mod tools;

pub use caddy::Caddy;
pub use certificate::certificate_of_localhost;
pub use collector::{Collector, ExportedSpan};
pub use dodo_sim::{DODO_API_KEY, DODO_WEBHOOK_KEY, DodoSim};
pub use eventually::{eventually, eventually_within, held_within};
pub use folder::Folder;
pub use inbox::{Inbox, Mail};
pub use minio::Minio;
pub use nats::Nats;
pub use nats_cluster::NatsCluster;
pub use nats_config::NatsPlace;
pub use opensearch::OpenSearch;
pub use outage::survive_outage_of_nats;
pub use port::Port;
pub use postgres::{Durability, Postgres, find_postgres};
pub use process::Process;
pub use server::{ADMIN_EMAIL, ADMIN_PASSWORD, SECRET, Server, run_to_end};
pub use stack::{
    CUSTOMER_PASSWORD, Customer, LIFTED, Stack, inr, login, now, plain_rows, seat_status, tomorrow,
};
pub use ticketshow_http_client::{Answer, Call, Client};
pub use tools::{find_binary, find_tool};
