//! Every command in process, against a real nats-server and Postgres of their own.

#![cfg(test)]

mod accounts;
mod administration;
mod away;
mod bad_input;
mod bookings;
mod catalogue;
mod document;
mod house;
mod mails;
mod payments;
