//! Wallets, card payments and refunds.

pub mod approve_credit;
pub mod credit_wallet;
pub mod credits_per_day;
pub mod decide_payment;
pub mod receive_notice;
pub mod refund_to_wallet;
pub mod refunds;
pub mod retry_refund;
pub mod top_up_wallet;
