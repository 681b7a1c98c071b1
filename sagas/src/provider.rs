//! The provider of card payments: its interface, the client of Dodo Payments, and the updates it sends.

pub(crate) mod budget;
pub(crate) mod dodo;
pub(crate) mod interface;
pub(crate) mod reconciliation;
pub(crate) mod updates;
