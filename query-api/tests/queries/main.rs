//! Queries answered in process, by a real Postgres with rows that a test put there.

mod bookings;
mod catalogue;
mod house;
mod positions;
mod seats;
