//! `ticketshow admin backup` and `restore`: everything that the log's installation cannot do without, in a folder.

mod create;
mod manifest;
mod restore;

pub use create::{Backup, create};
pub use restore::{Restore, restore};
