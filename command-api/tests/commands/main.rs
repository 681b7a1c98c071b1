//! Every command in process, against their own nats-server and Postgres.

#![cfg(test)]

mod accounts;
mod administration;
mod audit;
mod authority;
mod away;
mod bad_input;
mod blocks;
mod bookings;
mod box_office;
mod catalogue;
mod check_ins;
mod document;
mod door;
mod drafts;
mod fixture;
mod freshness;
mod full;
mod hoarding;
mod line;
mod mails;
mod messages;
mod notes;
mod payments;
mod registering;
mod reminders;
mod returning;
mod schedule_copies;
mod screen_blocks;
mod second_factors;
mod shares;
mod throttling;
mod waiting;
