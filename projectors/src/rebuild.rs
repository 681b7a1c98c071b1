//! New tables from the log, beside the live ones: filled, compared and swapped in.

mod build;
mod compare;
mod indexes;
mod migrate;
mod resume_point;
mod swap;

pub use build::{Progress, RebuildError, Rebuilt, Stage, Verification, rebuild};
pub use compare::Difference;
pub use migrate::{MigrateError, migrate};
