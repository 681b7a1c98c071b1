//! Payments, refunds, wallets, sales and reconciliation.

pub mod any_payments;
pub mod credits;
pub mod invoices;
pub mod own_payments;
pub mod payment;
pub mod promotions;
pub mod reconciliation;
pub mod sales;
pub mod wallet;
