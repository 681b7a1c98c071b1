//! The simulator over HTTP: by the provider's own client, by a browser without script, and by a merchant's webhook server.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

mod contract;
mod faults;
mod merchant;
mod money;
mod pages;
mod persistence;
mod webhooks;
