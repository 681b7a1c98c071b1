//! The settings of the object store for posters, by the names that other programs use.

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_command_api::{PosterStore, StoreSettings};
use ticketshow_http::PosterAddresses;

use secrecy::{ExposeSecret, SecretString};

/// Where posters lie. Without an address none are taken, and none are shown.
#[derive(Debug, Clone, Args)]
pub struct Posters {
    /// An object store that speaks S3, `http://host:port`. Default: posters are not taken.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,

    /// The same as browsers reach it: posters are fetched from there. Default: `S3_ENDPOINT`.
    #[arg(long, env = "S3_PUBLIC_ENDPOINT")]
    pub s3_public_endpoint: Option<String>,

    /// Who we are there. It may make the bucket and say who reads it, or both are done already. Needed with an address.
    #[arg(long, env = "S3_ACCESS_KEY_ID", hide_env_values = true)]
    pub s3_access_key_id: Option<SecretString>,

    /// The key to it.
    #[arg(long, env = "S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub s3_secret_access_key: Option<SecretString>,

    /// The bucket; it is made if it is missing. Default `posters`.
    #[arg(long, env = "S3_BUCKET", default_value = "posters")]
    pub s3_bucket: String,

    /// Where the bucket is. Default `us-east-1`, which `MinIO` takes for any.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
}

impl Posters {
    /// The store; `None` if posters are not taken.
    ///
    /// # Errors
    ///
    /// A setting makes no sense, or there is an address but no key.
    pub fn store(&self) -> Result<Option<PosterStore>> {
        let Some(endpoint) = &self.s3_endpoint else { return Ok(None) };
        let key = |key: &Option<SecretString>, name| {
            let key = key.as_ref().with_context(|| format!("S3_ENDPOINT is set, so {name} must be"));
            key.map(|key| key.expose_secret().to_owned())
        };
        let settings = StoreSettings {
            endpoint: endpoint.clone(),
            access_key_id: key(&self.s3_access_key_id, "S3_ACCESS_KEY_ID")?,
            secret_access_key: key(&self.s3_secret_access_key, "S3_SECRET_ACCESS_KEY")?,
            bucket: self.s3_bucket.clone(),
            region: self.s3_region.clone(),
        };
        PosterStore::new(&settings).context("S3_ENDPOINT, S3_BUCKET and S3_REGION").map(Some)
    }

    /// Where browsers find what is there.
    pub fn addresses(&self) -> PosterAddresses {
        let endpoint = self.s3_public_endpoint.as_ref().or(self.s3_endpoint.as_ref());
        endpoint.map(|endpoint| PosterAddresses::below(endpoint, &self.s3_bucket)).unwrap_or_default()
    }
}
