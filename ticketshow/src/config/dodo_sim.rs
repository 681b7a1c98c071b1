//! The settings of the Dodo simulator.

use std::path::PathBuf;

use clap::Args;
use ticketshow_domain::Currency;

use secrecy::SecretString;

use super::Logging;

/// A stand-in for the payment provider, with no real money. For `dodo-sim`.
#[derive(Debug, Clone, Args)]
pub struct DodoSim {
    /// Where it listens, `host:port`. Keep it on this machine: `/admin` asks for no key. Default `127.0.0.1:8010`.
    #[arg(long, env = "TICKETSHOW_DODO_LISTEN", default_value = "127.0.0.1:8010")]
    pub listen: String,

    /// Where a browser finds it. Default `http://localhost:8010`.
    #[arg(long, env = "TICKETSHOW_DODO_ORIGIN", default_value = "http://localhost:8010")]
    pub origin: String,

    /// Where it sends webhooks, `http://…`. Default: the site on port 8000.
    #[arg(
        long,
        env = "TICKETSHOW_DODO_WEBHOOK_URL",
        default_value = "http://127.0.0.1:8000/api/v1/webhooks/dodo"
    )]
    pub webhook_url: String,

    /// The file it remembers payments in over a restart. Default: none, it forgets them.
    #[arg(long, env = "TICKETSHOW_DODO_FILE")]
    pub file: Option<PathBuf>,

    /// How long a refund is pending, in milliseconds. Default 1000.
    #[arg(long, env = "TICKETSHOW_DODO_REFUND_MILLIS", default_value_t = 1000)]
    pub refund_millis: u64,

    /// The API key that it asks for.
    #[arg(long, env = "DODO_PAYMENTS_API_KEY", hide_env_values = true)]
    pub api_key: SecretString,

    /// The secret that it signs webhooks with, `whsec_<base64>`.
    #[arg(long, env = "DODO_PAYMENTS_WEBHOOK_KEY", hide_env_values = true)]
    pub webhook_key: SecretString,

    /// The currency of its product, an ISO 4217 code. Default `INR`.
    #[arg(long, env = "TICKETSHOW_CURRENCY", default_value = "INR")]
    pub currency: Currency,

    #[command(flatten)]
    pub logging: Logging,
}
