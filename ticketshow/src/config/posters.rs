//! Settings of the object store for posters. The environment variables have the names that other S3 clients use.

use anyhow::{Context, Result};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use ticketshow_command_api::{PosterStore, StoreSettings};
use ticketshow_http::PosterAddresses;

/// Poster storage. Without an endpoint posters are neither accepted nor shown.
#[derive(Debug, Clone, Args)]
pub struct Posters {
    /// Object store with an S3 API, `http://host:port`. Default: none, posters are not accepted.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,

    /// Address of the same store for browsers, which load posters from it. Default: `S3_ENDPOINT`.
    #[arg(long, env = "S3_PUBLIC_ENDPOINT")]
    pub s3_public_endpoint: Option<String>,

    /// Access key. It needs the right to create the bucket and set its policy, unless both exist. Required with an endpoint.
    #[arg(long, env = "S3_ACCESS_KEY_ID", hide_env_values = true)]
    pub s3_access_key_id: Option<SecretString>,

    /// Secret of the access key. Required with an endpoint.
    #[arg(long, env = "S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub s3_secret_access_key: Option<SecretString>,

    /// Bucket, created if missing. Default `posters`.
    #[arg(long, env = "S3_BUCKET", default_value = "posters")]
    pub s3_bucket: String,

    /// Region of the bucket. Default `us-east-1`; `MinIO` accepts any.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
}

impl Posters {
    /// Returns the store, or `None` if posters are not accepted.
    ///
    /// # Errors
    ///
    /// A setting is invalid, or a key is missing.
    pub fn store(&self) -> Result<Option<PosterStore>> {
        let Some(endpoint) = &self.s3_endpoint else { return Ok(None) };
        let key = |key: &Option<SecretString>, name| {
            let key = key.as_ref().with_context(|| format!("S3_ENDPOINT is set but {name} is not"));
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

    /// Returns the addresses of posters for browsers.
    pub fn addresses(&self) -> PosterAddresses {
        let endpoint = self.s3_public_endpoint.as_ref().or(self.s3_endpoint.as_ref());
        endpoint.map(|endpoint| PosterAddresses::below(endpoint, &self.s3_bucket)).unwrap_or_default()
    }
}
