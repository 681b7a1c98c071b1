//! Queries answered in process, on a real Postgres with rows that each test inserts.

mod blocks;
mod bookings;
mod catalogue;
mod cities;
mod document;
mod door;
mod fixture;
mod guests;
mod holders;
mod live;
mod log;
mod money;
mod payments;
mod people;
mod policy;
mod positions;
mod reminders;
mod search;
mod seats;
mod shares;
mod tickets;
mod waiting;
