//! The local stack of a developer's machine: nats-server, Postgres, the Dodo simulator and all services in one process, and
//! optionally `OpenSearch`, `MinIO` and an inbox, under one folder and one supervisor.
//!
//! `up` is the supervisor; `down`, `status` and `logs` find it and its parts by the files in the folder, never by process name.

mod console;
mod dodo_sim;
mod down;
mod guide;
mod home;
mod inbox;
mod logs;
mod minio;
mod nats_server;
mod opensearch;
mod optional;
mod part;
mod postgres;
mod probe;
mod process;
mod settings;
mod status;
mod up;

pub use down::{clean, down};
pub use home::{Addresses, random_hex};
pub use logs::logs;
pub use nats_server::nats_users;
pub use probe::get;
pub use settings::{Parts, Place, Settings};
pub use status::status;
pub use up::up;

/// The part that is this program, run as `serve`.
const SERVER: &str = "server";
/// Name of the supervisor's record.
const SUPERVISOR: &str = "up";
/// The parts, in the order in which they are stopped.
const PARTS: [&str; 7] =
    [SERVER, inbox::NAME, opensearch::NAME, minio::NAME, dodo_sim::NAME, nats_server::NAME, postgres::NAME];
