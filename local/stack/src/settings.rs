//! Settings of the local stack.

use std::{fmt, path::PathBuf, str::FromStr};

use anyhow::Result;
use clap::Args;
use secrecy::SecretString;

/// Location of the local stack, for `up`, `down`, `status`, `logs` and operations on it.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder of the local stack: data, logs, secrets. Default `.local` in the current folder.
    #[arg(long, env = "TICKETSHOW_HOME", default_value = ".local")]
    pub home: PathBuf,
}

/// Settings of `ticketshow up`.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    #[command(flatten)]
    pub place: Place,

    /// Folder of `nats-server` and of `pg`, a link to the programs of Postgres. Default `.local/bin`, then `PATH`.
    #[arg(long, env = "TICKETSHOW_TOOLS", default_value = ".local/bin")]
    pub tools: PathBuf,

    /// Folder of `initdb` and `postgres`. Default: `pg` in the tools folder, then `PATH`.
    #[arg(long, env = "PG_BIN")]
    pub pg_bin: Option<PathBuf>,

    /// Port of the site on 127.0.0.1, 1 to 65535. Default 8000.
    #[arg(long, env = "TICKETSHOW_PORT", default_value_t = 8000, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,

    /// Port of nats-server on 127.0.0.1, 1 to 65535. Default 4222.
    #[arg(long, env = "TICKETSHOW_NATS_PORT", default_value_t = 4222, value_parser = clap::value_parser!(u16).range(1..))]
    pub nats_port: u16,

    /// Port of nats-server's monitoring pages on 127.0.0.1, 1 to 65535. Default 8222.
    #[arg(long, env = "TICKETSHOW_NATS_MONITOR_PORT", default_value_t = 8222, value_parser = clap::value_parser!(u16).range(1..))]
    pub nats_monitor_port: u16,

    /// Port of Postgres on 127.0.0.1, 1 to 65535. Default 54320.
    #[arg(long, env = "TICKETSHOW_POSTGRES_PORT", default_value_t = 54320, value_parser = clap::value_parser!(u16).range(1..))]
    pub postgres_port: u16,

    /// Port of the Dodo simulator on 127.0.0.1, 1 to 65535; not used with `DODO_PAYMENTS_API_KEY`. Default 8010.
    #[arg(long, env = "TICKETSHOW_DODO_PORT", default_value_t = 8010, value_parser = clap::value_parser!(u16).range(1..))]
    pub dodo_port: u16,

    /// Port of the inbox for SMTP on 127.0.0.1, 1 to 65535; not used with `SMTP_URL`. Default 1025.
    #[arg(long, env = "TICKETSHOW_SMTP_PORT", default_value_t = 1025, value_parser = clap::value_parser!(u16).range(1..))]
    pub smtp_port: u16,

    /// Port of the inbox's page on 127.0.0.1, 1 to 65535. Default 1080.
    #[arg(long, env = "TICKETSHOW_INBOX_PORT", default_value_t = 1080, value_parser = clap::value_parser!(u16).range(1..))]
    pub inbox_port: u16,

    /// Port of OpenSearch on 127.0.0.1, 1 to 65535; not used with `OPENSEARCH_URL`. Default 9200.
    #[arg(long, env = "TICKETSHOW_OPENSEARCH_PORT", default_value_t = 9200, value_parser = clap::value_parser!(u16).range(1..))]
    pub opensearch_port: u16,

    /// Port of OpenSearch for other nodes on 127.0.0.1, 1 to 65535. Default 9300.
    #[arg(long, env = "TICKETSHOW_OPENSEARCH_TRANSPORT_PORT", default_value_t = 9300, value_parser = clap::value_parser!(u16).range(1..))]
    pub opensearch_transport_port: u16,

    /// Port of `MinIO` on 127.0.0.1, 1 to 65535; not used with `S3_ENDPOINT`. Default 9000.
    #[arg(long, env = "TICKETSHOW_S3_PORT", default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..))]
    pub s3_port: u16,

    /// Port of the console of `MinIO` on 127.0.0.1, 1 to 65535. Default 9001.
    #[arg(long, env = "TICKETSHOW_S3_CONSOLE_PORT", default_value_t = 9001, value_parser = clap::value_parser!(u16).range(1..))]
    pub s3_console_port: u16,

    /// Parts to start: `all`, or `core` for nats-server, Postgres, the Dodo simulator and the site. Default `all`.
    #[arg(long, env = "TICKETSHOW_PARTS", default_value_t = Parts::All)]
    pub parts: Parts,

    /// API key of an account at Dodo Payments, used in place of the simulator. Default: the simulator's.
    #[arg(long, env = "DODO_PAYMENTS_API_KEY", hide_env_values = true)]
    pub dodo_api_key: Option<SecretString>,

    /// Page that customers return to after paying by card. Default: `/payments/return` of the site.
    #[arg(long, env = "DODO_PAYMENTS_RETURN_URL")]
    pub dodo_return_url: Option<String>,

    /// Origin of the site, for links in mails. Default: its port on this machine.
    #[arg(long, env = "TICKETSHOW_ORIGIN")]
    pub origin: Option<String>,

    /// Existing mail server, `smtp://…` or `smtps://…`, used in place of the inbox. Default: the inbox.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,

    /// Existing OpenSearch, `http://host:port`, used in place of a local one. Default: a local one.
    #[arg(long, env = "OPENSEARCH_URL", hide_env_values = true)]
    pub opensearch_url: Option<String>,

    /// Existing object store, `http://host:port`, used in place of `MinIO`. Default: `MinIO`.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,

    /// Existing nats-server, `nats://host:port`, used in place of a local one. Default: a local one.
    #[arg(long, env = "NATS_URL", hide_env_values = true)]
    pub nats_url: Option<String>,

    /// Monitoring page of the existing nats-server, `http://host:port`. Required with `NATS_URL`.
    #[arg(long, env = "NATS_MONITOR_URL", hide_env_values = true)]
    pub nats_monitor_url: Option<String>,

    /// Folder of nkey seeds for the existing nats-server, one `<user>.nk` each. Default: none.
    #[arg(long, env = "TICKETSHOW_NATS_KEYS", requires = "nats_url")]
    pub nats_keys: Option<PathBuf>,

    /// Existing Postgres database, `postgres://…`, used in place of a local one. Default: a local one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// E-mail of the first administrator. Default `admin@ticketshow.local`.
    #[arg(long, env = "TICKETSHOW_ADMIN_EMAIL", default_value = "admin@ticketshow.local")]
    pub admin_email: String,

    /// Password of the first administrator, 8 to 128 characters. Default: created on first start and stored.
    #[arg(long, env = "TICKETSHOW_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    /// Installation secret, 64 hexadecimal digits. Default: created on first start and stored.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    pub secret: Option<SecretString>,

    /// Loads the demo data on first start, `true` or `false`. Default `true`.
    #[arg(long, env = "TICKETSHOW_DEMO", default_value_t = true, action = clap::ArgAction::Set)]
    pub demo: bool,
}

impl Settings {
    /// Returns true if the stack starts an inbox.
    pub(crate) fn has_inbox(&self) -> bool {
        self.parts == Parts::All && self.smtp_url.is_none()
    }

    /// Returns true if the stack starts `OpenSearch`.
    pub(crate) fn has_opensearch(&self) -> bool {
        self.parts == Parts::All && self.opensearch_url.is_none()
    }

    /// Returns true if the stack starts `MinIO`.
    pub(crate) fn has_minio(&self) -> bool {
        self.parts == Parts::All && self.s3_endpoint.is_none()
    }
}

/// Extent of the local stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// All parts.
    All,
    /// Parts that a booking needs.
    Core,
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Core => "core",
        })
    }
}

impl FromStr for Parts {
    type Err = anyhow::Error;

    fn from_str(value: &str) -> Result<Self> {
        match value {
            "all" => Ok(Self::All),
            "core" => Ok(Self::Core),
            other => anyhow::bail!("`{other}` is neither `all` nor `core`"),
        }
    }
}
