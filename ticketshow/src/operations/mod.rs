//! Operations on an installation from the command line, one file each. `Admin` lists those below `ticketshow admin`.

mod accept_log;
mod backup;
mod demo;
mod healthy;
mod log;
mod nats_config;
mod parked;
mod progress;
mod replay;
mod rotate_keys;
mod stage_batches;
mod tokens;
mod topology;
mod verify;

use anyhow::Result;
use clap::Subcommand;

pub use self::{
    demo::{Demo, demo},
    replay::{Replay, replay},
    verify::{Verify, verify},
};

/// Operations below `ticketshow admin`.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Prints access tokens for customers without an account, one line `user_id token` each, for load tools. The user ids
    /// are the same every time; the tokens expire after ten minutes.
    Tokens(tokens::Settings),
    /// Prints new keys of access tokens and ticket codes as settings, in front of those in use.
    RotateKeys(rotate_keys::Settings),
    /// Creates or updates the streams, buckets and consumers. Stored data is not changed.
    Topology(topology::Settings),
    /// Prints the configuration of nats-server with its users. Missing keys are created.
    NatsConfig(nats_config::Settings),
    /// Has nats-server stage batches of commits in memory in place of its disk, until it is started again.
    StageBatches(stage_batches::Settings),
    /// Prints commits of the log, one line each: position, subject, commit.
    Log(log::Settings),
    /// Checks that a service on this machine is alive; exit code 1 if it is not.
    Healthy(healthy::Settings),
    /// Lists, retries or drops parked messages, which a process failed to handle.
    #[command(subcommand)]
    Parked(parked::Operation),
    /// Accepts a log that is shorter than before or differs, after a restore. The lost events stay lost.
    AcceptLog(accept_log::Settings),
    /// Copies the streams, the progress of the consumers and the tables of the sagas into a folder, while everything runs.
    Backup(backup::Backup),
    /// Restores a backup into a new nats-server and a new database.
    Restore(backup::Restore),
}

/// Runs an operation below `ticketshow admin`.
///
/// # Errors
///
/// The operation failed; the error is written for a person.
pub async fn admin(operation: &Admin) -> Result<()> {
    match operation {
        Admin::Tokens(settings) => tokens::print(settings),
        Admin::RotateKeys(settings) => rotate_keys::print(settings),
        Admin::Topology(settings) => topology::provision(settings).await,
        Admin::NatsConfig(settings) => nats_config::print(settings),
        Admin::StageBatches(settings) => stage_batches::stage(settings),
        Admin::Log(settings) => log::print(settings).await,
        Admin::Healthy(settings) => healthy::check(settings).await,
        Admin::Parked(operation) => parked::run(operation).await,
        Admin::AcceptLog(settings) => accept_log::accept(settings).await,
        Admin::Backup(settings) => backup::create(settings).await,
        Admin::Restore(settings) => backup::restore(settings).await,
    }
}
