//! The operations that have a subcommand of their own, as a person at a terminal meets them.

mod admin;
mod demo;
mod progress;
mod replay;
mod verify;

pub use admin::{Admin, admin};
pub use demo::{Demo, demo};
pub use replay::{Replay, rebuild_with_progress, replay};
pub use verify::{Verify, verify};
