//! The log written into Postgres tables: kept up with it by [`run`], or built anew beside the live ones by [`rebuild`].
//! Rows and checkpoint move in one transaction, so that every event counts exactly once whatever is killed when.
//!
//! To add a read model: a migration, a file of the table's name with `apply` and `flush`, and its lines in
//! `read_models.rs`; the compiler then says which events are not looked at yet.

mod accounts;
mod bookings;
mod cascades;
mod catalogue_changes;
mod checkpoint;
mod compare;
mod error;
mod feed;
mod indexes;
mod left_off;
mod live;
mod mark;
mod migrate;
mod payments;
mod read_models;
mod rebuild;
mod rows;
mod schema;
mod screenings;
mod screens;
pub mod search;
mod seat_maps;
mod shows;
mod status;
mod swap;
mod venues;
mod wallet_entries;
mod wallets;
mod wishes;
mod words;

pub use compare::Difference;
pub use error::{Misfit, ProjectError};
pub use live::run;
pub use mark::log_mark;
pub use migrate::{MigrateError, migrate};
pub use rebuild::{Progress, RebuildError, Rebuilt, Stage, Verification, rebuild};
pub use schema::SchemaError;
pub use status::{ProjectionState, ProjectionStatus, status};
