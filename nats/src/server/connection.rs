//! One connection to NATS a service, with the service's own user.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions, Event, Statistics,
    connection::State,
    jetstream::{self, Context},
};
use tokio::sync::watch;

use crate::failure::Failure;

/// How long an answer of the server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where NATS is, and as whom to speak to it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `nats://host:port`, several joined by commas.
    pub url: String,
    /// The service: shown by the server, and the owner of its inboxes. [`crate::NatsUser::name`] where there are users.
    pub name: String,
    /// File with the seed of the service's nkey; none where the server asks for none.
    pub nkey_seed_file: Option<PathBuf>,
}

/// A connection that mends itself.
#[derive(Debug, Clone)]
pub struct Connection {
    client: Client,
    context: Context,
    name: Arc<str>,
    statistics: Arc<Statistics>,
    changes: watch::Receiver<u64>,
}

impl Connection {
    /// Connects in the background, and keeps trying for as long as the server cannot be reached.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if the seed cannot be read or the address makes no sense.
    pub async fn open(settings: &Settings) -> Result<Self, Failure> {
        const DOING: &str = "connecting to NATS";
        let (link, changes) = watch::channel(0);
        let mut options = ConnectOptions::new()
            .name(&settings.name)
            .custom_inbox_prefix(format!("_INBOX_{}", settings.name))
            .retry_on_initial_connect()
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .ping_interval(Duration::from_secs(10))
            .reconnect_delay_callback(|attempts| Duration::from_millis((attempts as u64 * 50).min(1_000)))
            .client_capacity(8_192)
            .event_callback(move |event| {
                if matches!(event, Event::Connected | Event::Disconnected) {
                    link.send_modify(|count| *count += 1);
                }
                async move {
                    if matches!(event, Event::Connected) {
                        tracing::info!("connected to NATS");
                    } else {
                        tracing::warn!(%event, "NATS");
                    }
                }
            });
        if let Some(path) = &settings.nkey_seed_file {
            let seed = tokio::fs::read_to_string(path).await;
            let seed =
                seed.map_err(|error| Failure::unreachable("reading the seed of the service's nkey", error))?;
            options = options.nkey(seed.trim().to_owned());
        }
        let addresses: Vec<String> = settings.url.split(',').map(|url| url.trim().to_owned()).collect();
        let client = options.connect(addresses).await.map_err(|error| Failure::unreachable(DOING, error))?;
        let context = jetstream::new(client.clone());
        let statistics = client.statistics();
        Ok(Self { client, context, name: settings.name.as_str().into(), statistics, changes })
    }

    /// The service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a server is connected right now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Which connection to a server this is, counted from 1; none while there is no connection.
    #[must_use]
    pub fn link(&self) -> Option<u64> {
        // The count is raised before the state changes.
        self.is_connected().then(|| self.statistics.connects.load(Ordering::Acquire))
    }

    /// Changes some time after a server was connected or lost.
    pub(crate) fn link_changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Sends what is still queued and closes.
    pub async fn close(&self) {
        if let Err(error) = self.client.drain().await {
            tracing::debug!(%error, "NATS was gone before the connection was closed");
        }
    }
}
