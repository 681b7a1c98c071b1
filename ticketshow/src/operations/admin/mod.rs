//! Operations on an installation that are done by hand.

mod accept_log;
mod healthy;
mod nats_config;
mod parked;
mod tokens;
mod topology;

use anyhow::Result;
use clap::Subcommand;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Prints access tokens for customers that have no account, a line `user_id token` each: for load tools. The user ids
    /// are the same every time; the tokens last ten minutes.
    Tokens(tokens::Settings),
    /// Makes the streams, buckets and consumers, or brings them up to date. Nothing that is stored is touched.
    Topology(topology::Settings),
    /// Prints the configuration of nats-server with its users; keys that are missing are made.
    NatsConfig(nats_config::Settings),
    /// Asks a service on this machine whether it is alive; exit code 1 if it is not.
    Healthy(healthy::Settings),
    /// What processes could not handle: shows it, has it tried again, or gives it up.
    #[command(subcommand)]
    Parked(parked::Operation),
    /// Takes a log that went backwards as it is. What was lost with the rest of it stays lost.
    AcceptLog(accept_log::Settings),
}

/// Does it.
///
/// # Errors
///
/// What stood in the way, for people.
pub async fn admin(operation: &Admin) -> Result<()> {
    match operation {
        Admin::Tokens(settings) => tokens::print(settings),
        Admin::Topology(settings) => topology::make(settings).await,
        Admin::NatsConfig(settings) => nats_config::print(settings),
        Admin::Healthy(settings) => healthy::ask(settings).await,
        Admin::Parked(operation) => parked::operate(operation).await,
        Admin::AcceptLog(settings) => accept_log::accept(settings).await,
    }
}
