//! Queries answered in process, by a real Postgres with rows that a test put there.

mod bookings;
mod catalogue;
mod document;
mod house;
mod live;
mod log;
mod money;
mod payments;
mod policy;
mod positions;
mod search;
mod seats;
mod tickets;
