//! Every stream, bucket and durable consumer, one definition each: a provisioning user makes them, services check them.

use crate::{Connection, Failure};

/// What an installation may choose.
#[derive(Debug, Clone)]
pub struct TopologySettings {
    /// Copies of every stream: 1 on one machine, 3 in a cluster.
    pub replicas: usize,
    /// Size in bytes at which `EVENTS` refuses to grow. Below the size of the disk.
    pub events_bytes_max: u64,
}

impl Default for TopologySettings {
    fn default() -> Self {
        Self { replicas: 1, events_bytes_max: 8 << 30 }
    }
}

/// What is wrong with the server or with what lives in it.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The server could not be asked. Worth retrying.
    #[error("the server cannot be asked")]
    Away(#[from] Failure),
    /// A stream, bucket or consumer is missing.
    #[error("{0} is missing; `ticketshow admin topology` makes it")]
    Missing(String),
    /// A stream, bucket or consumer is not as it must be.
    #[error("{name} has {found}, not {wanted}; `ticketshow admin topology` mends it")]
    Different {
        /// Which.
        name: String,
        /// What it must have.
        wanted: String,
        /// What it has.
        found: String,
    },
    /// The server is too old.
    #[error("nats-server {found} is older than {wanted}")]
    OldServer {
        /// Its version.
        found: String,
        /// The oldest that will do.
        wanted: &'static str,
    },
    /// The server acknowledges what is not on the disk yet.
    #[error(
        "the server at {0} does not have `sync_interval: always`: a power cut would lose acknowledged bookings"
    )]
    NotDurable(String),
}

/// Makes everything that is missing and brings the rest up to date. Nothing that is stored is touched. Only the
/// provisioning user may do this.
///
/// # Errors
///
/// [`TopologyError`].
pub async fn provision(_connection: &Connection, _settings: &TopologySettings) -> Result<(), TopologyError> {
    unimplemented!()
}

/// Checks that the server is new enough and, at its monitoring address (`http://host:port`), that it acknowledges only
/// what is on the disk.
///
/// # Errors
///
/// [`TopologyError::OldServer`], [`TopologyError::NotDurable`]: refuse to start in production; warn elsewhere.
pub async fn check_server(_connection: &Connection, _monitor_url: &str) -> Result<(), TopologyError> {
    unimplemented!()
}

impl Connection {
    /// Checks that everything is there and as it must be.
    ///
    /// # Errors
    ///
    /// [`TopologyError`].
    pub async fn check_topology(&self) -> Result<(), TopologyError> {
        unimplemented!()
    }
}
