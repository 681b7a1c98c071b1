//! The settings of card payments, by the names that Dodo's own clients use.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ticketshow_command_api::NoticeKey;
use ticketshow_domain::Currency;
use ticketshow_sagas::{CALLS_PER_MINUTE, DodoSettings};

use secrecy::{ExposeSecret, SecretString};

/// Which of Dodo's worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum DodoEnvironment {
    /// No real money.
    TestMode,
    /// Real money.
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

/// How cards are taken. Without a key they are not.
#[derive(Debug, Clone, Args)]
pub struct Cards {
    /// Secret key of the merchant at Dodo Payments, with write access. Default: cards are not taken.
    #[arg(long, env = "DODO_PAYMENTS_API_KEY", hide_env_values = true)]
    pub dodo_api_key: Option<SecretString>,

    /// Key that the provider's notices are signed with, `whsec_…`. Default: cards are not taken.
    #[arg(long, env = "DODO_PAYMENTS_WEBHOOK_KEY", hide_env_values = true)]
    pub dodo_webhook_key: Option<SecretString>,

    /// The pay-what-you-want product that every checkout is for. Needed with a key.
    #[arg(long, env = "DODO_PAYMENTS_PRODUCT_ID")]
    pub dodo_product_id: Option<String>,

    /// Where a customer comes back to after paying; `payment` and `booking` are appended to its query.
    #[arg(long, env = "DODO_PAYMENTS_RETURN_URL", default_value = "http://localhost:8000/payments/return")]
    pub dodo_return_url: String,

    /// `test_mode` or `live_mode`. Default `test_mode`.
    #[arg(
        long,
        env = "DODO_PAYMENTS_ENVIRONMENT",
        value_enum,
        default_value_t = DodoEnvironment::TestMode
    )]
    pub dodo_environment: DodoEnvironment,

    /// Address of a stand-in for Dodo, in place of the environment's. Default: none.
    #[arg(long, env = "DODO_PAYMENTS_BASE_URL")]
    pub dodo_base_url: Option<String>,

    /// Calls to Dodo a minute at most, 1 or more; a key may make 100. Default 90.
    #[arg(long, env = "DODO_PAYMENTS_CALLS_PER_MINUTE", default_value_t = CALLS_PER_MINUTE)]
    pub dodo_calls_per_minute: u32,
}

impl Cards {
    /// What the command API needs to take cards; `None` if cards are not taken.
    ///
    /// # Errors
    ///
    /// The key is not written as Dodo writes keys.
    pub fn notices(&self) -> Result<Option<NoticeKey>> {
        let (Some(_), Some(key)) = (&self.dodo_api_key, &self.dodo_webhook_key) else { return Ok(None) };
        NoticeKey::new(key.expose_secret()).context("DODO_PAYMENTS_WEBHOOK_KEY").map(Some)
    }

    /// As the sagas take them; `None` if cards are not taken.
    ///
    /// # Errors
    ///
    /// There is a key but no product.
    pub fn settings(&self, currency: Currency) -> Result<Option<DodoSettings>> {
        let Some(api_key) = &self.dodo_api_key else { return Ok(None) };
        let product_id = self.dodo_product_id.clone();
        let product_id =
            product_id.context("DODO_PAYMENTS_API_KEY is set, so DODO_PAYMENTS_PRODUCT_ID must be")?;
        if self.dodo_calls_per_minute == 0 {
            bail!("DODO_PAYMENTS_CALLS_PER_MINUTE must be 1 or more");
        }
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
