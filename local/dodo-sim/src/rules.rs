//! Rules of the provider: what is sold at which price, how it is paid, refunded and disputed.

pub mod cards;
pub mod checking_out;
pub mod currencies;
pub mod customers;
pub mod disputing;
pub mod paying;
pub mod refunding;
pub mod tax;
