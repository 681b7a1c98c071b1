//! Payments, wallets, promotions, sales and invoices.

pub mod credits;
pub mod invoices;
pub mod money_sums;
pub mod payments;
pub mod promotions;
pub mod sales;
pub mod wallet_entries;
pub mod wallets;
