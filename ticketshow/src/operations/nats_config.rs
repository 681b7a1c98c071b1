//! `ticketshow admin nats-config`: configuration for a nats-server that is not run by `ticketshow up`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use ticketshow_nats::server::config::{ServerConfig, Sync, server_config};
use ticketshow_stack::nats_users;

/// Addresses, storage and keys of the server.
#[derive(Debug, Args)]
pub struct Settings {
    /// Folder with one file `<user>.nk` per NATS user, which holds the seed of its nkey. Missing files are created.
    #[arg(long, env = "TICKETSHOW_NATS_KEYS")]
    keys: PathBuf,

    /// Address to listen on, for clients and for the monitoring pages. Default 127.0.0.1.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// Port for clients. Default 4222.
    #[arg(long, default_value_t = 4222)]
    port: u16,

    /// Port of the monitoring pages. Default 8222.
    #[arg(long, default_value_t = 8222)]
    monitor_port: u16,

    /// Folder in which the server stores the streams.
    #[arg(long)]
    store: PathBuf,

    /// For the time of a restore: without a sync per message, which a large stream would take hours for.
    #[arg(long)]
    restoring: bool,
}

/// Prints the configuration.
///
/// # Errors
///
/// A key can be neither read nor created.
pub fn print(settings: &Settings) -> Result<()> {
    let Settings { keys, host, port, monitor_port, store, restoring } = settings;
    let config = ServerConfig {
        name: "ticketshow".to_owned(),
        host: host.clone(),
        monitor_host: host.clone(),
        port: *port,
        monitor_port: *monitor_port,
        store: store.clone(),
        users: nats_users(keys)?,
        cluster: None,
        sync: if *restoring { Sync::Seldom } else { Sync::EveryMessage },
    };
    print!("{}", server_config(&config));
    Ok(())
}
