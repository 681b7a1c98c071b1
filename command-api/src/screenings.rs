//! Screenings: scheduling them and calling them off.

pub mod call_off_screening;
pub mod schedule_screening;
