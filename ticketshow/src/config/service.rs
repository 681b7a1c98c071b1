//! Settings of the services.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum, builder::RangedU64ValueParser};
use secrecy::{ExposeSecret, SecretString};
use ticketshow_domain::{Currency, invoices::Seller, tidy_line};
use ticketshow_http::TrustedProxies;
use ticketshow_nats::server::{connection::Connection, users::NatsUser};

use crate::config::{
    cards::Cards,
    keys::{KeySettings, PersonKeySettings},
    limits::LimitSettings,
    passes::PassSettings,
    policy::PolicySettings,
    posters::Posters,
    production::PrivatePart,
    staff_sessions::StaffSessionSettings,
    tls::TlsSettings,
    traces::TraceSettings,
};

/// Address of operators' pages if none is set.
pub const OPERATIONS_LISTEN: &str = "127.0.0.1:8090";

/// Strictness about durability and encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// For a laptop or a test: a log that does not sync every message causes a warning, and encryption is optional.
    Local,
    /// A service refuses to start on a log that does not sync every message, and with settings that send data to another
    /// machine in clear.
    Production,
}

/// Format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// Logging to standard error.
#[derive(Debug, Clone, Args)]
pub struct Logging {
    /// Log filter: levels by target, for example `info,ticketshow_nats=debug`. Default `info`.
    #[arg(long = "log", env = "TICKETSHOW_LOG", default_value = "info")]
    pub filter: String,

    /// Log format, `text` or `json`. Default `text`.
    #[arg(long = "log-format", env = "TICKETSHOW_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub format: LogFormat,
}

/// Settings of every service.
#[derive(Debug, Clone, Args)]
pub struct Process {
    /// Address to serve HTTP on, `host:port`. Default `127.0.0.1:8000`, reachable from this machine only.
    #[arg(long, env = "TICKETSHOW_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: String,

    /// Address to serve operators' pages on, `host:port`: `/metrics`, and `/readyz` with causes. Not for customers. Default
    /// `127.0.0.1:8090`; if that is taken, there are no such pages.
    #[arg(long, env = "TICKETSHOW_OPERATIONS_LISTEN")]
    pub operations_listen: Option<String>,

    /// Connections of clients per process, 100 to 100000; more wait. Default 12000: the live seat maps of 10000 and others.
    #[arg(long, env = "TICKETSHOW_CONNECTIONS_MAX", default_value = "12000",
        value_parser = RangedU64ValueParser::<usize>::new().range(100..=100_000))]
    pub connections_max: usize,

    /// Connections per address or IPv6 /64, 20 to 100000; more are closed. Addresses of this machine and trusted proxies are
    /// not counted. Default 600: a hundred browsers behind one address, each with the six connections it may open.
    #[arg(long, env = "TICKETSHOW_CONNECTIONS_PER_ADDRESS", default_value = "600",
        value_parser = RangedU64ValueParser::<usize>::new().range(20..=100_000))]
    pub connections_per_address: usize,

    #[command(flatten)]
    pub tls: TlsSettings,

    /// Strictness about durability and encryption, `local` or `production`. Default `local`.
    #[arg(long, env = "TICKETSHOW_MODE", value_enum, default_value_t = Mode::Local)]
    pub mode: Mode,

    /// Parts that production may reach in clear, because nobody else can read the network in between: `nats`, `postgres`,
    /// `opensearch`, `s3`, `smtp`, `otlp`, separated by commas. Default: none.
    #[arg(long, env = "TICKETSHOW_PRIVATE_NETWORK", value_enum, value_delimiter = ',')]
    pub private_network: Vec<PrivatePart>,

    #[command(flatten)]
    pub logging: Logging,

    #[command(flatten)]
    pub traces: TraceSettings,
}

/// Connection to NATS.
#[derive(Debug, Clone, Args)]
pub struct Nats {
    /// Address of nats-server, `nats://host:port`, or `tls://…`; several separated by commas. Default `nats://127.0.0.1:4222`.
    #[arg(
        id = "nats-url",
        long = "nats-url",
        env = "NATS_URL",
        default_value = "nats://127.0.0.1:4222",
        hide_env_values = true
    )]
    pub url: String,

    /// Monitoring page of nats-server, `http://host:port`, to check that it syncs every message. Default
    /// `http://127.0.0.1:8222`.
    #[arg(
        id = "nats-monitor-url",
        long = "nats-monitor-url",
        env = "NATS_MONITOR_URL",
        default_value = "http://127.0.0.1:8222",
        hide_env_values = true
    )]
    pub monitor_url: String,

    /// Folder with one file `<user>.nk` per NATS user, which holds the seed of its nkey. Default: none, for a nats-server
    /// without authentication.
    #[arg(id = "nats-keys", long = "nats-keys", env = "TICKETSHOW_NATS_KEYS")]
    pub keys: Option<PathBuf>,
}

impl Nats {
    /// Connects as one of the NATS users. If the server is unreachable, the connection waits for it.
    ///
    /// # Errors
    ///
    /// The user's seed cannot be read, or the address is invalid.
    pub async fn connect(&self, user: NatsUser) -> Result<Connection> {
        let settings = ticketshow_nats::server::connection::Settings {
            url: self.url.clone(),
            name: user.name().to_owned(),
            nkey_seed_file: self.key_of(user),
        };
        Connection::open(&settings)
            .await
            .with_context(|| format!("cannot connect to NATS as {}", user.name()))
    }

    /// Returns the file with a user's seed, or `None` without authentication.
    pub fn key_of(&self, user: NatsUser) -> Option<PathBuf> {
        Some(self.keys.as_ref()?.join(format!("{}.nk", user.name())))
    }
}

/// Connection to Postgres.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The Postgres database, `postgres://user:password@host:port/database`. No default.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// The same database for queries, with a role that may only read: a member of `ticketshow_reader`. Default:
    /// `DATABASE_URL`.
    #[arg(long, env = "TICKETSHOW_READ_DATABASE_URL", hide_env_values = true)]
    pub read_database_url: Option<SecretString>,
}

impl Data {
    /// Returns the pool for queries.
    ///
    /// # Errors
    ///
    /// The address is invalid.
    pub fn read_pool(&self) -> Result<sqlx::PgPool> {
        let (setting, url) = match &self.read_database_url {
            Some(url) => ("TICKETSHOW_READ_DATABASE_URL", url),
            None => ("DATABASE_URL", &self.database_url),
        };
        ticketshow_query_api::pool(url.expose_secret()).context(setting)
    }
}

/// Secret, currency and policy of the installation.
#[derive(Debug, Clone, Args)]
pub struct Rules {
    /// Installation secret, at least 32 characters, the same for all services. No default; only a query-api with public keys
    /// needs none.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    pub secret: Option<SecretString>,

    #[command(flatten)]
    pub keys: KeySettings,

    /// Currency of the installation, an ISO 4217 code. It cannot be changed later. Default `INR`.
    #[arg(long, env = "TICKETSHOW_CURRENCY", default_value = "INR")]
    pub currency: Currency,

    #[command(flatten)]
    pub policy: PolicySettings,

    #[command(flatten)]
    pub seller: SellerSettings,
}

/// Party that issues invoices. Documents already issued keep the party that issued them.
#[derive(Debug, Clone, Args)]
pub struct SellerSettings {
    /// Registered name on invoices. Default `Ticket Show`.
    #[arg(long, env = "TICKETSHOW_SELLER_NAME", default_value = "Ticket Show")]
    pub seller_name: String,

    /// Address on invoices. Default: none.
    #[arg(long, env = "TICKETSHOW_SELLER_ADDRESS", default_value = "", hide_default_value = true)]
    pub seller_address: String,

    /// Tax number on invoices, such as a GSTIN. Default: none.
    #[arg(long, env = "TICKETSHOW_SELLER_TAX_NUMBER", default_value = "", hide_default_value = true)]
    pub seller_tax_number: String,

    /// Code of the service on invoices (HSN/SAC in India). Default: none.
    #[arg(long, env = "TICKETSHOW_SELLER_SERVICE_CODE", default_value = "", hide_default_value = true)]
    pub seller_service_code: String,
}

impl From<&SellerSettings> for Seller {
    fn from(settings: &SellerSettings) -> Self {
        Self {
            name: tidy_line(&settings.seller_name),
            address: tidy_line(&settings.seller_address),
            tax_number: tidy_line(&settings.seller_tax_number),
            service_code: tidy_line(&settings.seller_service_code),
        }
    }
}

impl Rules {
    /// Returns the root of derived keys.
    ///
    /// # Errors
    ///
    /// The secret is missing or too short, or a key is malformed.
    pub fn root(&self) -> Result<ticketshow_http::Secret> {
        self.keys.root(self.secret.as_ref())
    }
}

/// Trusted proxies, the first administrator, and rate limits.
#[derive(Debug, Clone, Args)]
pub struct Callers {
    /// Proxies whose `X-Forwarded-For` is trusted: addresses and networks, separated by commas. Default: none.
    #[arg(long, env = "TICKETSHOW_TRUSTED_PROXIES", default_value = "", hide_default_value = true)]
    pub trusted_proxies: TrustedProxies,

    /// E-mail of the first administrator, created at start if missing. Default: none is created.
    #[arg(long, env = "TICKETSHOW_ADMIN_EMAIL", requires = "admin_password")]
    pub admin_email: Option<String>,

    /// Password of the first administrator, 8 to 128 characters; used only to create the account.
    #[arg(long, env = "TICKETSHOW_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    #[command(flatten)]
    pub staff_sessions: StaffSessionSettings,

    #[command(flatten)]
    pub limits: LimitSettings,
}

/// Mails to customers.
#[derive(Debug, Clone, Args)]
pub struct Mail {
    /// Mail server: `smtp://host:port` (plain), `smtp://user:password@host?tls=required` (STARTTLS), `smtps://…` (TLS from
    /// the start). Default: none, mails wait in the stream MAILS.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,

    /// Sender of mails. Default `Ticket Show <tickets@localhost>`.
    #[arg(long, env = "TICKETSHOW_MAIL_FROM", default_value = "Ticket Show <tickets@localhost>")]
    pub mail_from: String,

    /// Origin of the site: for links in mails, for the pages that may sign in, and, with https, for cookies and HSTS. Default
    /// `http://localhost:8000`.
    #[arg(long, env = "TICKETSHOW_ORIGIN", default_value = "http://localhost:8000")]
    pub origin: String,
}

/// Search engine.
#[derive(Debug, Clone, Args)]
pub struct Search {
    /// `OpenSearch`, `http://host:port`. Without it, and during an outage, Postgres answers searches. Default: none.
    #[arg(long, env = "OPENSEARCH_URL", hide_env_values = true)]
    pub opensearch_url: Option<String>,
}

/// Settings of an API.
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
    #[command(flatten)]
    pub passes: PassSettings,
}

/// Settings of the web app.
#[derive(Debug, Clone, Args)]
pub struct Web {
    /// Folder of the built web app. Default `web/dist` in the current folder; without a build a page says so.
    #[arg(long = "web", env = "TICKETSHOW_WEB", default_value = "web/dist")]
    pub folder: PathBuf,
}

/// Settings of all services in one process with the web app.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub web: Web,
}

/// Settings of the sagas.
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

/// Settings of the projectors.
#[derive(Debug, Clone, Args)]
pub struct Projectors {
    #[command(flatten)]
    pub process: Process,
    #[command(flatten)]
    pub nats: Nats,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub persons: PersonKeySettings,
    #[command(flatten)]
    pub search: Search,
}
