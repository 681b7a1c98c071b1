//! The local stack: nats-server, Postgres, the Dodo simulator and the one-process server, beside them `OpenSearch`, `MinIO` and
//! an inbox, all under one folder and one supervisor.
//!
//! `up` is the supervisor; `down`, `status` and `logs` find it and its parts by the files it keeps. Nothing is ever
//! looked up by name.

mod beside;
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
mod part;
mod postgres;
mod probe;
mod process;
mod settings;
mod status;
mod up;

pub use down::{clean, down};
pub use home::Addresses;
pub use logs::logs;
pub use nats_server::nats_users;
pub use probe::get;
pub use settings::{Parts, Place, Settings};
pub use status::status;
pub use up::up;

/// The part that is this program itself, run as `serve`.
const SERVER: &str = "server";
/// The supervisor's own record.
const SUPERVISOR: &str = "up";
/// The parts, in the order in which they are ended.
const PARTS: [&str; 7] =
    [SERVER, inbox::NAME, opensearch::NAME, minio::NAME, dodo_sim::NAME, nats_server::NAME, postgres::NAME];
