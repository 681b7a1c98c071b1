//! `ticketshow admin backup` and `restore`: all data of an installation that cannot be rebuilt, in one folder.

mod create;
mod manifest;
mod restore;

pub use create::{Backup, create};
pub use restore::{Restore, restore};
