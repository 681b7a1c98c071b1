//! The box office: sales, tills and refunds at the counter.

pub mod close_till;
pub mod complete_sale;
pub mod open_till;
pub mod quote_sale;
pub mod refund_at_counter;
pub mod sell_seats;
