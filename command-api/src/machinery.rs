//! Code that handlers share.

pub mod app;
pub mod authority;
pub mod cascades;
pub mod checkouts;
pub mod failures;
pub mod past_events;
pub mod refusals;
pub mod routing;
pub mod signed_in;
pub mod tally;
pub mod used_keys;
pub mod waiting;
