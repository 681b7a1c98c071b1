//! Bookings: from reserving seats to the check-in at the door.

pub mod add_note;
pub mod cancel_booking;
pub mod check_in;
pub mod live_holds;
pub mod mail_booking;
pub mod pay_booking;
pub mod release_holds;
pub mod report_check_ins;
pub mod reserve_seats;
pub mod return_seats;
pub mod undo_check_in;
