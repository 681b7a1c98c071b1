//! Bookings: from reserving seats to the check-in at the door.

pub mod cancel_booking;
pub mod check_in;
pub mod mail_booking;
pub mod pay_booking;
pub mod reserve_seats;
