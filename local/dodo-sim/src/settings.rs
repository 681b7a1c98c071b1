//! What a simulator is told at start, and how it behaves while nothing is wrong.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The product that is there from the start: one-time, pay what you want, tax inclusive, in the currency of the settings.
pub const PRODUCT_ID: &str = "pdt_TicketShowBookings001";
/// The merchant that the API key belongs to.
pub(crate) const BUSINESS_ID: &str = "bus_TicketShowSandbox0001";
/// The merchant's only brand.
pub(crate) const BRAND_ID: &str = "brnd_TicketShowSandbox0001";

/// How often a merchant may call: 100 a minute and 10 a second for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimit {
    /// As the provider does it.
    #[default]
    On,
    /// As often as it likes.
    Off,
}

/// How the simulator behaves while nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// Whether the rate limit is kept.
    pub rate_limit: RateLimit,
    /// How long a payment is `processing`, in milliseconds of the simulator's clock. Default 0: the page's answer has the
    /// outcome already.
    pub payment_delay_millis: u64,
    /// How long a refund is `pending`, in milliseconds of the simulator's clock. Default 1000.
    pub refund_delay_millis: u64,
    /// The tax in a price, in percent. Default 18. Added on top of products whose price does not include it.
    pub tax_percent: u8,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::default(),
            payment_delay_millis: 0,
            refund_delay_millis: 1000,
            tax_percent: 18,
        }
    }
}

/// What a simulator is told at start.
#[derive(Clone)]
pub struct Settings {
    /// The merchant's key: what comes after `Bearer`.
    pub api_key: String,
    /// The secret that notices are signed with, `whsec_<base64 of 24 to 64 bytes>`.
    pub webhook_secret: String,
    /// Where notices go, `http://…`; none: nobody is told, until somebody says where ([`crate::Simulator::deliver_to`]).
    pub webhook_url: Option<String>,
    /// Currency of the product that is there from the start, an ISO 4217 code.
    pub currency: String,
    /// Where a browser finds the simulator, `http://127.0.0.1:8010`: the beginning of `checkout_url`.
    pub origin: String,
    /// The file that remembers everything over a restart; none: nothing is remembered.
    pub file: Option<PathBuf>,
    /// How it behaves.
    pub conduct: Conduct,
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
