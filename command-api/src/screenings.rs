//! Screenings: scheduling them and calling them off.

pub mod block_seats;
pub mod call_off_screening;
pub mod release_block;
pub mod schedule_screening;
pub mod send_message;
