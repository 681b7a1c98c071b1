//! The settings of the services and of the operations on an installation.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use ticketshow_domain::Currency;
use ticketshow_http::TrustedProxies;
use ticketshow_nats::{Connection, NatsUser, TopologySettings};

use super::cards::Cards;
use super::limits::LimitSettings;
use super::policy::PolicySettings;
use super::posters::Posters;
use secrecy::SecretString;

/// What a service is strict about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// A laptop or a test: a log that does not sync every message is reported.
    Local,
    /// A log that does not sync every message refuses to start.
    Production,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// What a process tells about itself, on standard error.
#[derive(Debug, Clone, Args)]
pub struct Logging {
    /// What is logged: levels by target, `info,ticketshow_nats=debug` say. Default `info`.
    #[arg(long = "log", env = "TICKETSHOW_LOG", default_value = "info")]
    pub filter: String,

    /// `text` or `json`. Default `text`.
    #[arg(long = "log-format", env = "TICKETSHOW_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub format: LogFormat,
}

/// What every service is told.
#[derive(Debug, Clone, Args)]
pub struct Process {
    /// Where HTTP is served, `host:port`. Default `127.0.0.1:8000`: nothing beyond this machine.
    #[arg(long, env = "TICKETSHOW_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: String,

    /// `local` or `production`. Default `local`.
    #[arg(long, env = "TICKETSHOW_MODE", value_enum, default_value_t = Mode::Local)]
    pub mode: Mode,

    #[command(flatten)]
    pub logging: Logging,
}

/// The way to the log.
#[derive(Debug, Clone, Args)]
pub struct Nats {
    /// Where nats-server is, `nats://host:port`; several joined by commas. Default `nats://127.0.0.1:4222`.
    #[arg(
        id = "nats-url",
        long = "nats-url",
        env = "NATS_URL",
        default_value = "nats://127.0.0.1:4222",
        hide_env_values = true
    )]
    pub url: String,

    /// Its monitoring page, `http://host:port`, asked whether it syncs every message. Default `http://127.0.0.1:8222`.
    #[arg(
        id = "nats-monitor-url",
        long = "nats-monitor-url",
        env = "NATS_MONITOR_URL",
        default_value = "http://127.0.0.1:8222",
        hide_env_values = true
    )]
    pub monitor_url: String,

    /// Folder with a file `<user>.nk` for each NATS user: the seed of its nkey. Default: none, for a nats-server that asks
    /// nobody who they are.
    #[arg(id = "nats-keys", long = "nats-keys", env = "TICKETSHOW_NATS_KEYS")]
    pub keys: Option<PathBuf>,
}

impl Nats {
    /// Connects as one of the users. The server may be away: the connection waits for it.
    ///
    /// # Errors
    ///
    /// The user's seed cannot be read, or the address makes no sense.
    pub async fn connect(&self, user: NatsUser) -> Result<Connection> {
        let settings = ticketshow_nats::Settings {
            url: self.url.clone(),
            name: user.name().to_owned(),
            nkey_seed_file: self.key_of(user),
        };
        Connection::open(&settings)
            .await
            .with_context(|| format!("cannot connect to NATS as {}", user.name()))
    }

    /// The file with a user's seed, where the server asks for one.
    pub fn key_of(&self, user: NatsUser) -> Option<PathBuf> {
        Some(self.keys.as_ref()?.join(format!("{}.nk", user.name())))
    }
}

/// What the streams are made with.
#[derive(Debug, Clone, Args)]
pub struct Topology {
    /// Copies of every stream: 1 on one machine, 3 in a cluster. Default 1.
    #[arg(long, env = "TICKETSHOW_REPLICAS", default_value_t = TopologySettings::default().replicas)]
    replicas: usize,

    /// Size at which the log refuses to grow, in bytes; below the size of the disk. Default 8589934592, 8 GiB.
    #[arg(long, env = "TICKETSHOW_EVENTS_BYTES_MAX", default_value_t = TopologySettings::default().events_bytes_max)]
    events_bytes_max: u64,
}

impl Topology {
    /// As the topology takes them.
    pub fn settings(&self) -> TopologySettings {
        TopologySettings { replicas: self.replicas, events_bytes_max: self.events_bytes_max }
    }
}

/// The way to the read models.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The Postgres database, `postgres://user:password@host:port/database`. No default.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
}

/// What decides: who may do what, and how much of it.
#[derive(Debug, Clone, Args)]
pub struct Rules {
    /// The installation secret, at least 32 characters, the same for all services. No default.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    pub secret: SecretString,

    /// The currency of the installation, an ISO 4217 code. Not to be changed later. Default `INR`.
    #[arg(long, env = "TICKETSHOW_CURRENCY", default_value = "INR")]
    pub currency: Currency,

    #[command(flatten)]
    pub policy: PolicySettings,
}

/// Who calls, and who may.
#[derive(Debug, Clone, Args)]
pub struct Callers {
    /// Proxies whose `X-Forwarded-For` is believed: addresses and networks, separated by commas. Default: nobody.
    #[arg(long, env = "TICKETSHOW_TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub trusted_proxies: TrustedProxies,

    /// E-mail of the first administrator, made at start if missing. Default: none is made.
    #[arg(long, env = "TICKETSHOW_ADMIN_EMAIL", requires = "admin_password")]
    pub admin_email: Option<String>,

    /// Password of the first administrator, 8 to 128 characters; used only when the account is made.
    #[arg(long, env = "TICKETSHOW_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    #[command(flatten)]
    pub limits: LimitSettings,
}

/// How customers are written to.
#[derive(Debug, Clone, Args)]
pub struct Mail {
    /// The mail server: `smtp://host:port` (plain), `smtp://user:password@host?tls=required` (STARTTLS), `smtps://…` (TLS
    /// from the start). Default: none, and mails wait in the stream MAILS.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,

    /// Who sends them. Default `Ticket Show <tickets@localhost>`.
    #[arg(long, env = "TICKETSHOW_MAIL_FROM", default_value = "Ticket Show <tickets@localhost>")]
    pub mail_from: String,

    /// Where customers find the site, for links in mails. Default `http://localhost:8000`.
    #[arg(long, env = "TICKETSHOW_ORIGIN", default_value = "http://localhost:8000")]
    pub origin: String,
}

/// Where searches are answered.
#[derive(Debug, Clone, Args)]
pub struct Search {
    /// `OpenSearch`, `http://host:port`; it may be away. Default: none, and Postgres answers searches.
    #[arg(long, env = "OPENSEARCH_URL", hide_env_values = true)]
    pub opensearch_url: Option<String>,
}

/// An API, or all services in one process.
#[derive(Debug, Clone, Args)]
pub struct Service {
    #[command(flatten)]
    pub process: Process,
    #[command(flatten)]
    pub nats: Nats,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub callers: Callers,
    #[command(flatten)]
    pub cards: Cards,
    #[command(flatten)]
    pub mail: Mail,
    #[command(flatten)]
    pub posters: Posters,
    #[command(flatten)]
    pub search: Search,
}

/// The web app.
#[derive(Debug, Clone, Args)]
pub struct Web {
    /// Folder of the built web app. Default `web/dist` in the current folder; a page says so if nothing is there.
    #[arg(long = "web", env = "TICKETSHOW_WEB", default_value = "web/dist")]
    pub folder: PathBuf,
}

/// All services in one process, and the web app.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub web: Web,
}

/// The sagas: they decide nothing, but send commands.
#[derive(Debug, Clone, Args)]
pub struct Sagas {
    #[command(flatten)]
    pub process: Process,
    #[command(flatten)]
    pub nats: Nats,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub rules: Rules,
    #[command(flatten)]
    pub cards: Cards,
    #[command(flatten)]
    pub mail: Mail,
}

/// The projectors: they read and write tables.
#[derive(Debug, Clone, Args)]
pub struct Projectors {
    #[command(flatten)]
    pub process: Process,
    #[command(flatten)]
    pub nats: Nats,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub search: Search,
}
