//! Every command in process, against their own nats-server and Postgres.

#![cfg(test)]

mod administration;
mod audit;
mod away;
mod bad_input;
mod box_office;
mod catalogue;
mod document;
mod fixture;
mod full;
mod hoarding;
mod line;

mod accounts {
    mod authority;
    mod freshness;
    mod registering;
    mod reminders;
    mod second_factors;
    mod signing_in;
    mod throttling;
}

mod bookings {
    mod check_ins;
    mod door;
    mod holding;
    pub mod mails;
    mod notes;
    pub mod payments;
    pub mod returning;
    mod shares;
}

mod screenings {
    mod blocks;
    mod drafts;
    mod messages;
    mod schedule_copies;
    mod screen_blocks;
    mod waiting;
}
