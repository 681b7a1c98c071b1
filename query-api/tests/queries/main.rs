//! Queries answered in process, on a real Postgres with rows that each test inserts.

mod document;
mod fixture;
mod log;
mod money;
mod operations;
mod payments;
mod people;
mod positions;
mod reminders;
mod sessions;

mod bookings {
    mod door;
    mod guests;
    mod holders;
    mod own;
    mod shares;
    mod tickets;
    mod waiting;
}

mod catalogue {
    mod cities;
    mod lists;
    mod policy;
    mod search;
}

mod seats {
    mod blocks;
    mod live;
    mod map;
}
