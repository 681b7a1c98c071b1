//! Payments, wallets, what reduces a price, what was sold, and the documents about it.

pub mod credits;
pub mod invoices;
pub mod money_sums;
pub mod payments;
pub mod promotions;
pub mod sales;
pub mod wallet_entries;
pub mod wallets;
