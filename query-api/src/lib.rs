//! REST queries: what the read models say, and what the log says of the past. Reads both, writes neither, decides
//! nothing.
//!
//! One file an endpoint or noun, its SQL beside it. To add one: the file, a line in `router.rs`.

mod admin_accounts;
mod admin_bookings;
mod admin_payments;
mod app;
mod booking_history;
mod bookings;
mod cascades;
mod catalogue;
mod check_ins;
mod cities;
mod failures;
mod history;
mod live;
mod mails;
mod me;
mod page;
mod parked;
mod past;
mod payments;
mod plain_words;
mod projections;
mod reading;
mod reconciliation;
mod router;
mod sales;
mod screenings;
mod screens;
mod search;
mod seats;
mod show_venues;
mod shows;
mod tables;
mod tickets;
mod told;
mod venues;
mod wallet;
mod words;

pub use app::{App, Parts};
pub use router::{openapi, router};
pub use search::{NoAddress, SearchIndex};
pub use tables::pool;
