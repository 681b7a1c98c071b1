//! Rebuild of the tables beside the live ones: filled from the log, compared and swapped in.

mod build;
mod compare;
mod indexes;
mod migrate;
mod resume_point;
mod swap;

pub use build::{Progress, RebuildError, Rebuilt, Stage, Verification, rebuild};
pub use compare::Difference;
pub use migrate::{MigrateError, migrate};
