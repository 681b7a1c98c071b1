//! Protection against writing to a log that went backwards.

pub mod gate;
pub mod log_guard;
