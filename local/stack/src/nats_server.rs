//! nats-server of the local stack: its configuration and its process.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::json;
use ticketshow_nats::server::{
    config::{ServerConfig, Sync, adopt_streams, server_config},
    connection::{Connection, Settings},
    users::{NatsUser, generate_user_key, public_key},
};

use crate::{
    home::{Home, keep},
    part::{Environment, Part},
    probe,
};

/// Name of the part.
pub const NAME: &str = "nats-server";

/// Address and keys of the nats-server in use, which may be outside the stack.
#[derive(Debug)]
pub struct NatsAddress {
    pub url: String,
    pub monitor_url: String,
    /// Folder with a file `<user>.nk` per NATS user.
    pub keys: Option<PathBuf>,
}

impl NatsAddress {
    /// Connects as one of the NATS users.
    ///
    /// # Errors
    ///
    /// The user's seed cannot be read, or the address is invalid.
    pub async fn connect(&self, user: NatsUser) -> Result<Connection> {
        let name = user.name().to_owned();
        let nkey_seed_file = self.keys.as_ref().map(|keys| keys.join(format!("{name}.nk")));
        let settings = Settings { url: self.url.clone(), name, nkey_seed_file };
        Connection::open(&settings)
            .await
            .with_context(|| format!("cannot connect to NATS as {}", user.name()))
    }
}

/// The nats-server of the stack, on loopback ports.
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    configuration: PathBuf,
    port: u16,
    monitor_port: u16,
}

impl NatsServer {
    /// Finds the program and writes its configuration.
    ///
    /// # Errors
    ///
    /// nats-server is not installed.
    pub fn prepare(home: &Home, tools: &Path, port: u16, monitor_port: u16) -> Result<Self> {
        let program = find(tools)?;
        let configuration = home.nats().join("server.conf");
        let store = home.nats().join("jetstream");
        adopt_streams(&store).context("cannot move the streams of an older version")?;
        let text = server_config(&ServerConfig {
            name: "ticketshow".to_owned(),
            host: "127.0.0.1".to_owned(),
            monitor_host: "127.0.0.1".to_owned(),
            port,
            monitor_port,
            store,
            users: nats_users(&home.nats_keys()?)?,
            cluster: None,
            sync: Sync::EveryMessage,
        });
        fs::write(&configuration, text).context("cannot write the configuration of nats-server")?;
        let server = Self { program, configuration, port, monitor_port };
        server.write_context(home)?;
        Ok(server)
    }

    /// Writes the context of the `nats` CLI: address and key of the operator.
    fn write_context(&self, home: &Home) -> Result<()> {
        let user = NatsUser::Operator.name();
        let context = json!({
            "description": "Ticket Show, the local stack",
            "url": self.url(),
            "nkey": home.nats_keys()?.join(format!("{user}.nk")),
            "inbox_prefix": format!("_INBOX_{user}"),
        });
        fs::write(home.nats_context(), context.to_string())
            .context("cannot write the context of the nats CLI")
    }

    /// Returns the process to run.
    pub fn part(&self) -> Part {
        Part {
            name: NAME,
            address: format!("127.0.0.1:{}", self.port),
            program: self.program.clone(),
            arguments: vec!["--config".into(), self.configuration.clone().into_os_string()],
            environment: Environment::Only(Vec::new()),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(10),
        }
    }

    /// Returns `NATS_MONITOR_URL` of the installation.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// Returns `NATS_URL` of the installation.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Checks that the server is ready and has recovered its streams.
    ///
    /// # Errors
    ///
    /// The server is not ready.
    pub async fn check(&self) -> Result<()> {
        let (status, body) = probe::get(&format!("127.0.0.1:{}", self.monitor_port), "/healthz").await?;
        ensure!(status == 200, "answered: {}", body.trim());
        Ok(())
    }
}

fn find(tools: &Path) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::iter::once(tools.to_owned()).chain(std::env::split_paths(&path));
    let found = folders.find_map(|folder| folder.join(NAME).canonicalize().ok());
    found.context("no nats-server found: run `make up`, set TICKETSHOW_TOOLS to its folder, or NATS_URL")
}

/// Returns every NATS user with its public key. Keys that are missing in the folder are created.
///
/// # Errors
///
/// A key can be neither read nor created.
pub fn nats_users(keys: &Path) -> Result<Vec<(NatsUser, String)>> {
    let key_of = |user: NatsUser| {
        let file = keys.join(format!("{}.nk", user.name()));
        let seed = keep(&file, || generate_user_key().seed)?;
        let public =
            public_key(&seed).with_context(|| format!("{} contains no nkey seed", file.display()))?;
        Ok((user, public))
    };
    NatsUser::ALL.into_iter().map(key_of).collect()
}
