//! The local stack: nats-server, Postgres, the Dodo simulator, an inbox and the one-process server, all under one folder and one
//! supervisor.
//!
//! `up` is the supervisor; `down`, `status` and `logs` find it and its parts by the files it keeps. Nothing is ever
//! looked up by name.

mod console;
mod dodo_sim;
mod down;
mod guide;
mod home;
mod inbox;
mod logs;
mod nats_server;
mod part;
mod postgres;
mod probe;
mod process;
mod status;
mod up;

pub use down::{clean, down};
pub use home::Addresses;
pub use logs::logs;
pub use status::status;
pub use up::up;

/// The part that is this program itself, run as `serve`.
const SERVER: &str = "server";
/// The supervisor's own record.
const SUPERVISOR: &str = "up";
/// The parts, in the order in which they are ended.
const PARTS: [&str; 5] = [SERVER, inbox::NAME, dodo_sim::NAME, nats_server::NAME, postgres::NAME];
