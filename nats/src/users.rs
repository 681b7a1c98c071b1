//! The users of NATS, what each may do, and the server's configuration made of it.

use std::path::PathBuf;

/// Who connects to NATS. Each has a key of its own and may do what its job needs, nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NatsUser {
    /// Makes and updates streams and consumers; used by `ticketshow up` and `ticketshow admin`.
    Provision,
    /// Commands and sessions.
    CommandApi,
    /// Reading.
    QueryApi,
    /// Read models.
    Projectors,
    /// Processes over time.
    Sagas,
    /// All four services in one process.
    Serve,
    /// A person with the `nats` CLI.
    Operator,
}

impl NatsUser {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Provision,
        Self::CommandApi,
        Self::QueryApi,
        Self::Projectors,
        Self::Sagas,
        Self::Serve,
        Self::Operator,
    ];

    /// Its name: [`crate::Settings::name`] of its connections.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::CommandApi => "command-api",
            Self::QueryApi => "query-api",
            Self::Projectors => "projectors",
            Self::Sagas => "sagas",
            Self::Serve => "serve",
            Self::Operator => "operator",
        }
    }
}

/// A new nkey of a user.
#[derive(Debug, Clone)]
pub struct UserKey {
    /// The secret, for the user's seed file.
    pub seed: String,
    /// The public key, for the server's configuration.
    pub public: String,
}

/// Makes a key.
#[must_use]
pub fn generate_user_key() -> UserKey {
    unimplemented!()
}

/// The public key of a seed, for seed files that exist.
#[must_use]
pub fn public_key(_seed: &str) -> Option<String> {
    unimplemented!()
}

/// One nats-server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `server_name`.
    pub name: String,
    /// Where it listens, `127.0.0.1` unless told otherwise.
    pub host: String,
    /// For clients.
    pub port: u16,
    /// For the monitoring pages, loopback only.
    pub monitor_port: u16,
    /// Folder of the JetStream store.
    pub store: PathBuf,
    /// Public key of each user.
    pub users: Vec<(NatsUser, String)>,
    /// The cluster it belongs to.
    pub cluster: Option<ClusterConfig>,
}

/// A member's view of its cluster.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Where this member listens for the others: `host:port`.
    pub listen: String,
    /// All members: `host:port`.
    pub routes: Vec<String>,
}

/// The text of a server's configuration file: every message synced to disk, users with least privilege.
#[must_use]
pub fn server_config(_config: &ServerConfig) -> String {
    unimplemented!()
}
