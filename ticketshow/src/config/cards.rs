//! Settings of card payments. The environment variables have the names that Dodo's own clients use.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use ticketshow_command_api::NoticeKey;
use ticketshow_domain::Currency;
use ticketshow_sagas::{CALLS_PER_MINUTE, DodoSettings};

/// Environment at Dodo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum DodoEnvironment {
    /// Test mode: no real money.
    TestMode,
    /// Live mode: real money.
    LiveMode,
}

impl DodoEnvironment {
    fn base_url(self) -> &'static str {
        match self {
            Self::TestMode => "https://test.dodopayments.com",
            Self::LiveMode => "https://live.dodopayments.com",
        }
    }
}

/// Card payments. Without an API key they are switched off.
#[derive(Debug, Clone, Args)]
pub struct Cards {
    /// Secret API key of the merchant at Dodo Payments, with write access. Default: none, cards are not accepted.
    #[arg(long, env = "DODO_PAYMENTS_API_KEY", hide_env_values = true)]
    pub dodo_api_key: Option<SecretString>,

    /// Key that Dodo signs its webhooks with, `whsec_…`; two, separated by a comma, while it changes. Default: none, cards are not
    /// accepted.
    #[arg(long, env = "DODO_PAYMENTS_WEBHOOK_KEY", hide_env_values = true)]
    pub dodo_webhook_key: Option<SecretString>,

    /// Pay-what-you-want product that every checkout is for. Required with an API key.
    #[arg(long, env = "DODO_PAYMENTS_PRODUCT_ID")]
    pub dodo_product_id: Option<String>,

    /// Page that customers return to after paying; `payment` and `booking` are appended to its query.
    #[arg(long, env = "DODO_PAYMENTS_RETURN_URL", default_value = "http://localhost:8000/payments/return")]
    pub dodo_return_url: String,

    /// Environment at Dodo, `test_mode` or `live_mode`. Default `test_mode`.
    #[arg(
        long,
        env = "DODO_PAYMENTS_ENVIRONMENT",
        value_enum,
        default_value_t = DodoEnvironment::TestMode
    )]
    pub dodo_environment: DodoEnvironment,

    /// Address of a simulator that replaces Dodo. Default: none.
    #[arg(long, env = "DODO_PAYMENTS_BASE_URL")]
    pub dodo_base_url: Option<String>,

    /// Maximum calls to Dodo per minute, 1 to 60000; Dodo allows 100 per key. Default 90.
    #[arg(long, env = "DODO_PAYMENTS_CALLS_PER_MINUTE", default_value_t = CALLS_PER_MINUTE,
        value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub dodo_calls_per_minute: u32,
}

impl Cards {
    /// Returns the keys for checking webhooks, or `None` if cards are not accepted. It is all that a command-api on its own needs.
    ///
    /// # Errors
    ///
    /// A key does not have Dodo's format.
    pub fn notices(&self) -> Result<Option<NoticeKey>> {
        let Some(key) = &self.dodo_webhook_key else { return Ok(None) };
        NoticeKey::new(key.expose_secret()).context("DODO_PAYMENTS_WEBHOOK_KEY").map(Some)
    }

    /// Returns the settings of the sagas, or `None` if cards are not accepted.
    ///
    /// # Errors
    ///
    /// The product is missing.
    pub fn settings(&self, currency: Currency) -> Result<Option<DodoSettings>> {
        let Some(api_key) = &self.dodo_api_key else { return Ok(None) };
        let product_id = self.dodo_product_id.clone();
        let product_id =
            product_id.context("DODO_PAYMENTS_API_KEY is set but DODO_PAYMENTS_PRODUCT_ID is not")?;
        let environment = self.dodo_environment.base_url();
        Ok(Some(DodoSettings {
            base_url: self.dodo_base_url.clone().unwrap_or_else(|| environment.to_owned()),
            api_key: api_key.expose_secret().to_owned(),
            product_id,
            return_url: self.dodo_return_url.clone(),
            currency,
            calls_per_minute: self.dodo_calls_per_minute,
        }))
    }
}
