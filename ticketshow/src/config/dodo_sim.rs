//! Settings of the Dodo simulator.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;
use ticketshow_domain::Currency;

use crate::config::Logging;

/// The simulator of the payment provider, `dodo-sim`. No real money is involved.
#[derive(Debug, Clone, Args)]
pub struct DodoSim {
    /// Address to listen on, `host:port`. Use a loopback address: `/admin` requires no key. Default `127.0.0.1:8010`.
    #[arg(long, env = "TICKETSHOW_DODO_LISTEN", default_value = "127.0.0.1:8010")]
    pub listen: String,

    /// Address of the simulator for browsers. Default `http://localhost:8010`.
    #[arg(long, env = "TICKETSHOW_DODO_ORIGIN", default_value = "http://localhost:8010")]
    pub origin: String,

    /// Address to send webhooks to, `http://…`. Default: the site on port 8000.
    #[arg(
        long,
        env = "TICKETSHOW_DODO_WEBHOOK_URL",
        default_value = "http://127.0.0.1:8000/api/v1/webhooks/dodo"
    )]
    pub webhook_url: String,

    /// File that keeps payments across restarts. Default: none, payments are lost on restart.
    #[arg(long, env = "TICKETSHOW_DODO_FILE")]
    pub file: Option<PathBuf>,

    /// Time that a refund stays pending, in milliseconds, 0 to 86400000. Default 1000.
    #[arg(long, env = "TICKETSHOW_DODO_REFUND_MILLIS", default_value_t = 1000,
        value_parser = clap::value_parser!(u64).range(0..=86_400_000))]
    pub refund_millis: u64,

    /// API key that calls must carry.
    #[arg(long, env = "DODO_PAYMENTS_API_KEY", hide_env_values = true)]
    pub api_key: SecretString,

    /// Secret for signing webhooks, `whsec_<base64>`.
    #[arg(long, env = "DODO_PAYMENTS_WEBHOOK_KEY", hide_env_values = true)]
    pub webhook_key: SecretString,

    /// Currency of its product, an ISO 4217 code. Default `INR`.
    #[arg(long, env = "TICKETSHOW_CURRENCY", default_value = "INR")]
    pub currency: Currency,

    #[command(flatten)]
    pub logging: Logging,
}
