//! Dodo simulator of the local stack: this program as `dodo-sim`, in place of the payment provider.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, ensure};
use rustix::process::Signal;
use secrecy::{ExposeSecret, SecretString};
use ticketshow_dodo_sim::PRODUCT_ID;

use crate::{
    home::{Home, random_hex},
    part::{Environment, Part},
    probe,
};

/// Name of the part.
pub const NAME: &str = "dodo-sim";

/// A simulator on a loopback port with its own API key and webhook secret.
#[derive(Debug)]
pub struct DodoSim {
    port: u16,
    file: PathBuf,
    api_key: SecretString,
    webhook_key: SecretString,
    webhook_url: String,
}

impl DodoSim {
    /// Reads its secrets, or creates them on first start.
    ///
    /// # Errors
    ///
    /// The secrets cannot be stored.
    pub fn prepare(home: &Home, port: u16, site_port: u16) -> Result<Self> {
        let api_key = home.secret("dodo-api-key", || format!("sk_sim_{}", random_hex(24)))?;
        // 64 hexadecimal digits are also valid base64: 48 bytes with 32 bytes of randomness.
        let webhook_key = home.secret("dodo-webhook-key", || format!("whsec_{}", random_hex(32)))?;
        Ok(Self {
            port,
            file: home.dodo()?.join("book.jsonl"),
            api_key: SecretString::from(api_key),
            webhook_key: SecretString::from(webhook_key),
            webhook_url: format!("http://127.0.0.1:{site_port}/api/v1/webhooks/dodo"),
        })
    }

    /// Returns the process to run.
    pub fn part(&self, program: &Path) -> Part {
        let environment = vec![
            ("TICKETSHOW_DODO_LISTEN", OsString::from(self.address())),
            ("TICKETSHOW_DODO_ORIGIN", self.origin().into()),
            ("TICKETSHOW_DODO_WEBHOOK_URL", self.webhook_url.clone().into()),
            ("TICKETSHOW_DODO_FILE", self.file.clone().into_os_string()),
            ("DODO_PAYMENTS_API_KEY", self.api_key.expose_secret().into()),
            ("DODO_PAYMENTS_WEBHOOK_KEY", self.webhook_key.expose_secret().into()),
        ];
        Part {
            name: NAME,
            address: self.address(),
            program: program.to_owned(),
            arguments: vec!["dodo-sim".into()],
            environment: Environment::Inherited(environment),
            user: None,
            stop: Signal::TERM,
            patience: Duration::from_secs(5),
        }
    }

    /// Returns the settings that make the server use the simulator.
    pub fn settings(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("DODO_PAYMENTS_API_KEY", self.api_key.expose_secret().into()),
            ("DODO_PAYMENTS_WEBHOOK_KEY", self.webhook_key.expose_secret().into()),
            ("DODO_PAYMENTS_PRODUCT_ID", PRODUCT_ID.into()),
            ("DODO_PAYMENTS_ENVIRONMENT", "test_mode".into()),
            ("DODO_PAYMENTS_BASE_URL", format!("http://{}", self.address()).into()),
        ]
    }

    /// Returns its address for browsers.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Checks that the simulator is ready.
    ///
    /// # Errors
    ///
    /// The simulator is not ready.
    pub async fn check(&self) -> Result<()> {
        let (status, _) = probe::get(&self.address(), "/").await?;
        ensure!(status == 200, "answered {status}");
        Ok(())
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}
