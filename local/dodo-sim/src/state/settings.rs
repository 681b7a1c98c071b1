//! Settings of a simulator, and its behaviour without faults.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The initial product: one-time, pay-what-you-want, including tax, in the currency of the settings.
pub const PRODUCT_ID: &str = "pdt_TicketShowBookings001";
/// The merchant that the API key belongs to.
pub(crate) const BUSINESS_ID: &str = "bus_TicketShowSandbox0001";
/// The merchant's only brand.
pub(crate) const BRAND_ID: &str = "brnd_TicketShowSandbox0001";

/// Rate limit: 100 calls per minute and 10 per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimit {
    /// The provider's limit.
    #[default]
    On,
    /// No limit.
    Off,
}

/// Behaviour without faults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Rate limit.
    pub rate_limit: RateLimit,
    /// Time that a payment is `processing`, in milliseconds of the simulator's clock. Default 0: the page shows the outcome
    /// at once.
    pub payment_delay_millis: u64,
    /// Time that a refund is `pending`, in milliseconds of the simulator's clock. Default 1000.
    pub refund_delay_millis: u64,
    /// Tax in a price, in percent. Default 18. Added to prices that do not include it.
    pub tax_percent: u8,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::default(),
            payment_delay_millis: 0,
            refund_delay_millis: 1000,
            tax_percent: 18,
        }
    }
}

/// Settings of a simulator.
#[derive(Clone)]
pub struct Settings {
    /// API key of the merchant, sent after `Bearer`.
    pub api_key: String,
    /// Secret for signing notices, `whsec_<base64 of 24 to 64 bytes>`.
    pub webhook_secret: String,
    /// Receiver of notices, `http://…`; with `None` they wait for [`crate::Simulator::deliver_to`].
    pub webhook_url: Option<String>,
    /// Currency of the initial product, an ISO 4217 code.
    pub currency: String,
    /// Origin of the simulator for browsers, `http://127.0.0.1:8010`; the start of `checkout_url`.
    pub origin: String,
    /// File that keeps records across restarts; with `None` they are lost.
    pub file: Option<PathBuf>,
    /// Behaviour without faults.
    pub conduct: Behaviour,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { webhook_url, currency, origin, file, conduct, .. } = self;
        f.debug_struct("Settings")
            .field("webhook_url", webhook_url)
            .field("currency", currency)
            .field("origin", origin)
            .field("file", file)
            .field("conduct", conduct)
            .finish_non_exhaustive()
    }
}
