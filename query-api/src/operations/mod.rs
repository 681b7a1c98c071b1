//! Views of the state of the system, for administrators.

pub mod aggregate_history;
pub mod audit;
pub mod cascades;
pub mod mails;
pub mod parked;
pub mod projections;
pub mod streams;
