//! Durable consumers and the messages they process: subscriptions to the log, timers, mails, notices, rebuild requests.

mod attempts;
pub mod audit;
pub mod in_order;
pub mod mail;
pub mod mail_batches;
pub mod mails;
pub mod parked;
pub mod parked_cascades;
mod parking;
pub mod rebuilds;
mod runner;
pub mod subscription;
pub mod timers;
pub mod verdict;
pub mod webhooks;

// Old path of the consumers' names.
