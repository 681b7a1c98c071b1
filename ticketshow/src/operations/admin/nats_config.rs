//! The configuration of an nats-server that is run in another way than by `ticketshow up`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use ticketshow_nats::{ServerConfig, server_config};

use ticketshow_stack::nats_users;

/// Where it will be, and who may enter.
#[derive(Debug, Args)]
pub struct Settings {
    /// Folder with a file `<user>.nk` for each NATS user, the seed of its nkey. Those that are missing are made.
    #[arg(long, env = "TICKETSHOW_NATS_KEYS")]
    keys: PathBuf,

    /// The address it listens on, for clients and for its monitoring page. Default 127.0.0.1.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// Port for clients. Default 4222.
    #[arg(long, default_value_t = 4222)]
    port: u16,

    /// Port of its monitoring pages. Default 8222.
    #[arg(long, default_value_t = 8222)]
    monitor_port: u16,

    /// The folder in which it keeps the streams.
    #[arg(long)]
    store: PathBuf,
}

/// Prints it.
///
/// # Errors
///
/// A key can neither be read nor made.
pub fn print(settings: &Settings) -> Result<()> {
    let Settings { keys, host, port, monitor_port, store } = settings;
    let config = ServerConfig {
        name: "ticketshow".to_owned(),
        host: host.clone(),
        monitor_host: host.clone(),
        port: *port,
        monitor_port: *monitor_port,
        store: store.clone(),
        users: nats_users(keys)?,
        cluster: None,
    };
    print!("{}", server_config(&config));
    Ok(())
}
