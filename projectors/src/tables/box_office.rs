//! What is sold at the counter, by whom and to whom.

pub mod buyers;
pub mod counter_returns;
pub mod counter_sales;
pub mod tills;
