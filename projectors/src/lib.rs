//! Writes the log into Postgres tables: [`run`] keeps the live tables up to date, [`rebuild()`] fills new ones beside them.
//! Rows and checkpoint change in one transaction, so every event counts exactly once, even if a process is killed.
//!
//! To add a read model, write a migration and a file in `tables/`, named after the table, with `apply` and `flush`, and add its lines to
//! `tables.rs`. The compiler then lists the events that it does not handle yet.

mod checkpoint;
mod columns;
mod error;
mod feed;
mod live;
mod log_mark;
mod measures;
mod positions;
mod rebuild;
mod rebuild_requests;
mod rows;
mod schema;
pub mod search;
mod status;
mod table;
mod tables;
mod text;
mod total;
mod unsealed;

pub use error::{Misfit, ProjectError};
pub use live::run;
pub use log_mark::log_mark;
pub use rebuild::{
    Difference, MigrateError, Progress, RebuildError, Rebuilt, Stage, Verification, migrate, rebuild,
};
pub use schema::SchemaError;
pub use status::{ProjectionState, ProjectionStatus, status};
