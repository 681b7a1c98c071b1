//! State of the simulated provider: its records, clock, faults and settings.

pub mod book;
pub mod clock;
pub mod faults;
pub mod ids;
pub mod records;
pub mod settings;
pub mod world;
