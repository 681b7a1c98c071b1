//! Views for administrators of how the system itself is doing.

pub mod aggregate_history;
pub mod audit;
pub mod cascades;
pub mod mails;
pub mod parked;
pub mod projections;
pub mod streams;
