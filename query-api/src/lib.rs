//! REST queries, answered from the read models in Postgres and, for history and live updates, from the log. Writes
//! neither.
//!
//! One folder per noun, one file per endpoint with its SQL beside it; `machinery/` holds the parts that all endpoints
//! share. A new endpoint needs its file and a line in `router.rs`.

mod accounts;
mod bookings;
mod box_office;
mod catalogue;
mod live;
mod machinery;
mod money;
mod operations;
mod router;
mod search;
mod seats;

pub use bookings::passes::Passes;
pub use machinery::{
    app::{App, Parts},
    tables::pool,
};
pub use router::{openapi, router};
pub use search::index::{InvalidAddress, SearchIndex};
