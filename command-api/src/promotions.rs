//! Promotions: codes that lower prices.

pub mod change_promotion;
pub mod create_promotion;
pub mod drop_code;
pub mod use_code;
