//! The box office: tills with their reports, and money that waits for its owners.

pub mod refunds;
pub mod tills;
