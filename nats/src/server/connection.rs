//! Connections to NATS: one per service, with the service's own user.

use std::{
    error::Error,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_nats::{
    Client, ConnectOptions, Event, Statistics,
    connection::State,
    jetstream::{self, Context},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    failure::Failure,
    key_ring::{KeyRing, WrappingKeys},
};

/// Longest wait for an answer of the server, and for the first connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time in which a lost connection is expected to come back. Requests wait that long, later ones fail at once.
const RECONNECT_MAX: Duration = Duration::from_secs(1);
/// Interval at which a waiting request looks for a connection.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Address of NATS and identity of the service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `nats://host:port`, several joined by commas.
    pub url: String,
    /// Name of the service, shown by the server and part of its inboxes. [`crate::server::users::NatsUser::name`] if the
    /// server has users.
    pub name: String,
    /// File with the seed of the service's nkey; `None` if the server requires none.
    pub nkey_seed_file: Option<PathBuf>,
}

/// A connection that reconnects by itself.
#[derive(Debug, Clone)]
pub struct Connection {
    client: Client,
    context: Context,
    name: Arc<str>,
    statistics: Arc<Statistics>,
    changes: watch::Receiver<LinkChange>,
    key_ring: Arc<KeyRing>,
}

/// The last time a server was connected or lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkChange {
    /// Requests without a server wait until then.
    wait_until: Instant,
}

impl Connection {
    /// Connects in the background and keeps trying while the server is unreachable.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] if the seed is unreadable or the address is invalid.
    pub async fn open(settings: &Settings) -> Result<Self, Failure> {
        const DOING: &str = "connecting to NATS";
        let (link, changes) = watch::channel(LinkChange { wait_until: Instant::now() + PATIENCE });
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
                    link.send_replace(LinkChange { wait_until: Instant::now() + RECONNECT_MAX });
                }
                async move {
                    if matches!(event, Event::Connected) {
                        tracing::info!("connected to NATS");
                    } else {
                        tracing::warn!(%event, "NATS connection event");
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
        let (name, key_ring) = (settings.name.as_str().into(), Arc::new(KeyRing::new(None)));
        Ok(Self { client, context, name, statistics, changes, key_ring })
    }

    /// Reads and seals texts about persons with keys that are wrapped by these. Without any, new texts are stored in clear.
    #[must_use]
    pub fn with_wrapping_keys(self, keys: Option<WrappingKeys>) -> Self {
        Self { key_ring: Arc::new(KeyRing::new(keys)), ..self }
    }

    pub(crate) fn key_ring(&self) -> &Arc<KeyRing> {
        &self.key_ring
    }

    /// Name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns `true` while a server is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Number of the current connection to a server, counted from 1; `None` while disconnected.
    #[must_use]
    pub fn link(&self) -> Option<u64> {
        // The client counts the connection before it changes the state.
        self.is_connected().then(|| self.statistics.connects.load(Ordering::Acquire))
    }

    /// Notifies shortly after a server was connected or lost.
    pub(crate) fn link_changes(&self) -> watch::Receiver<LinkChange> {
        self.changes.clone()
    }

    /// Returns `true` while no server is connected and none is expected soon.
    pub(crate) fn is_lost(&self) -> bool {
        !self.is_connected() && Instant::now() >= self.changes.borrow().wait_until
    }

    /// Runs one call of the client library, with a limit on all of it. Without a server it is not made, because the library
    /// would queue it: a full queue has no limit of its own, and a stale request serves nobody after the reconnect.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`].
    pub(crate) async fn call<T, E: Error + Send + Sync + 'static>(
        &self,
        doing: &'static str,
        patience: Duration,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        while !self.is_connected() {
            if self.is_lost() {
                return Err(Failure::unreachable(doing, "no server is connected"));
            }
            sleep(LOOK_INTERVAL).await;
        }
        let answered = timeout(patience, call).await.map_err(|error| Failure::unreachable(doing, error))?;
        answered.map_err(|error| Failure::unreachable(doing, error))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Sends queued messages and closes the connection.
    pub async fn close(&self) {
        if let Err(error) = self.client.drain().await {
            tracing::debug!(%error, "connection lost before it was closed");
        }
    }
}
