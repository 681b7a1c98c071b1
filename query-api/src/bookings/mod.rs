//! Bookings, their tickets, and their history in plain words.

pub mod any_bookings;
pub mod booked_promotion;
pub mod booked_ticket;
pub mod booking;
pub mod check_ins;
pub mod door;
pub mod guests;
pub mod holders;
pub mod notes;
pub mod own_bookings;
pub mod passes;
pub mod shares;
pub mod tickets;
pub mod timeline;
pub mod waiting_list;
