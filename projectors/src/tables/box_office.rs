//! Tables about the counter: sales, returns, buyers and tills.

pub mod buyers;
pub mod counter_returns;
pub mod counter_sales;
pub mod tills;
