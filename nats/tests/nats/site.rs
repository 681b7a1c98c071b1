//! A nats-server with the shipped configuration, and connections of its users.

use std::{fs, path::Path};

use ticketshow_nats::server::{
    config::{ServerConfig, Sync, server_config},
    connection::{Connection, Settings},
    topology::{TopologySettings, provision},
    users::{NatsUser, UserKey, generate_user_key},
};
use ticketshow_tests::{Folder, Nats};
use tokio::sync::OnceCell;

/// One server and the seeds of its users.
#[derive(Debug)]
pub struct Site {
    pub nats: Nats,
    keys: Folder,
}

/// Server shared by tests that do not disturb it. Each test uses its own aggregates.
pub async fn shared() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(Site::start).await
}

impl Site {
    /// Starts a server and creates the streams.
    pub async fn start() -> Self {
        let site = Self::start_empty().await;
        let connection = site.connect(NatsUser::Provision).await;
        provision(&connection, &small()).await.unwrap();
        site
    }

    /// Starts a server without streams.
    pub async fn start_empty() -> Self {
        Self::start_on(None).await
    }

    /// Starts a server with the store of another one, which must not run.
    pub async fn start_on(store: Option<&Path>) -> Self {
        let keys = Folder::new("nats-keys");
        let users = NatsUser::ALL.map(|user| {
            let UserKey { seed, public } = generate_user_key();
            fs::write(keys.join(user.name()), seed).unwrap();
            (user, public)
        });
        let nats = Nats::start_configured(|place| {
            server_config(&ServerConfig {
                name: place.name.clone(),
                host: "127.0.0.1".to_owned(),
                monitor_host: "127.0.0.1".to_owned(),
                port: place.port,
                monitor_port: place.monitor_port,
                store: store.unwrap_or(&place.store).to_owned(),
                users: users.to_vec(),
                cluster: None,
                sync: Sync::EveryMessage,
            })
        });
        Self { nats: nats.await, keys }
    }

    pub async fn connect(&self, user: NatsUser) -> Connection {
        self.connect_at(&self.nats.url(), user).await
    }

    /// Connects as a user through another address.
    pub async fn connect_at(&self, url: &str, user: NatsUser) -> Connection {
        let settings = Settings {
            url: url.to_owned(),
            name: user.name().to_owned(),
            nkey_seed_file: Some(self.keys.join(user.name())),
        };
        Connection::open(&settings).await.unwrap()
    }

    /// File with the seed of a user.
    pub fn seed_file(&self, user: NatsUser) -> std::path::PathBuf {
        self.keys.join(user.name())
    }
}

/// Topology that fits on a small disk.
pub fn small() -> TopologySettings {
    TopologySettings { events_bytes_max: 1 << 30, ..TopologySettings::default() }
}
