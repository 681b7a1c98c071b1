//! Poster storage: a bucket of an S3-compatible object store, from which browsers fetch. The only file that names the
//! client library.
//!
//! A missing bucket is created. Objects below [`FOLDER`] are public to read but not to list.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use minio::s3::{
    MinioClient, MinioClientBuilder,
    bucket_policy_config::BucketPolicyConfig,
    creds::StaticProvider,
    error::{Error, S3ServerError, ValidationErr},
    http::BaseUrl,
    minio_error_response::MinioErrorCode,
    multimap_ext::{Multimap, MultimapExt},
    types::{BucketName, Region, S3Api},
};
use serde_json::json;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// Prefix of the objects that are public.
pub const FOLDER: &str = "shows/";
/// An object never changes, so browsers cache it for a year, the longest that RFC 9111 suggests.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";
/// Timeout of a call. The client library has none.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two attempts to create the bucket: the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Address of the store and our credentials.
#[derive(Clone)]
pub struct StoreSettings {
    /// An origin, such as `http://127.0.0.1:9000`.
    pub endpoint: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub bucket: String,
    pub region: String,
}

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The settings are invalid.
    #[error("the settings of the object store are invalid")]
    Settings(#[source] ValidationErr),
    /// The store is unreachable or rejected a call.
    #[error("the object store failed to {action}")]
    Away {
        /// The action it was asked for.
        action: &'static str,
        /// The cause.
        #[source]
        source: Box<Error>,
    },
    /// The store did not answer in time.
    #[error("the object store failed to {0} within {seconds} s", seconds = PATIENCE.as_secs())]
    Late(&'static str),
}

/// A bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PosterStore {
    client: MinioClient,
    bucket: BucketName,
    /// Set once this process has found or created the bucket.
    prepared: Arc<OnceCell<()>>,
}

impl PosterStore {
    /// Configures a store without connecting to it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Settings`].
    pub fn new(settings: &StoreSettings) -> Result<Self, StoreError> {
        let StoreSettings { endpoint, access_key_id, secret_access_key, bucket, region } = settings;
        let mut base: BaseUrl = endpoint.parse().map_err(StoreError::Settings)?;
        // Set explicitly, so that the client does not look it up.
        base.region = Region::new(region.as_str()).map_err(StoreError::Settings)?;
        let client = MinioClientBuilder::new(base)
            .provider(Some(StaticProvider::new(access_key_id, secret_access_key, None)))
            .build()
            .map_err(|source| StoreError::Away { action: "accept its settings", source: Box::new(source) })?;
        let bucket = BucketName::new(bucket.as_str()).map_err(StoreError::Settings)?;
        Ok(Self { client, bucket, prepared: Arc::default() })
    }

    /// Creates the bucket once the store is reachable. Retries until `stop` is cancelled.
    pub async fn prepare_when_there(&self, stop: CancellationToken) {
        let (mut pause, longest) = PAUSES;
        while let Err(error) = self.prepare().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the poster store is not ready yet");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
            pause = (pause * 2).min(longest);
        }
        tracing::info!(bucket = self.bucket.as_str(), "the poster store is ready");
    }

    /// Stores a JPEG under a name that was never used.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the object may or may not exist.
    pub async fn put(&self, name: &str, jpeg: Bytes) -> Result<(), StoreError> {
        self.prepare().await?;
        match self.try_put(name, jpeg.clone()).await {
            Err(StoreError::Away { source, .. }) if is_missing_bucket(&source) => {
                // The store was emptied while this process was running.
                self.create_bucket_if_missing().await?;
                self.try_put(name, jpeg).await
            }
            done => done,
        }
    }

    /// Removes an object, if it exists.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the object may or may not be gone.
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let action = "remove an object";
        let call = self.client.delete_object(&self.bucket, name).map_err(StoreError::Settings)?;
        within(action, call.build().send()).await.map(drop)
    }

    /// Checks that the store answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.exists().await?;
        Ok(())
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        self.prepared.get_or_try_init(|| self.create_bucket_if_missing()).await?;
        Ok(())
    }

    /// Creates the bucket if it is missing. An existing bucket keeps its policy, if any: an operator may have set it.
    async fn create_bucket_if_missing(&self) -> Result<(), StoreError> {
        if !self.exists().await? {
            let action = "create a bucket";
            let call = self.client.create_bucket(&self.bucket).map_err(StoreError::Settings)?;
            match within(action, call.build().send()).await {
                // Another process created it first.
                Err(StoreError::Away { source, .. }) if is_ours_already(&source) => {}
                made => drop(made?),
            }
        }
        let call = self.client.get_bucket_policy(&self.bucket).map_err(StoreError::Settings)?;
        let policy = within("return a policy", call.build().send()).await;
        let policy = policy.map(|answer| answer.config().is_ok_and(|policy| policy.contains("Statement")));
        match policy {
            Ok(true) => Ok(()),
            Ok(false) => self.open_to_readers().await,
            Err(StoreError::Away { source, .. }) if matches!(*source, Error::S3Server(_)) => {
                tracing::warn!(
                    error = &*source as &dyn std::error::Error,
                    "the bucket policy cannot be read; it is left as it is"
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Makes objects below the folder public to read. Listing stays private.
    async fn open_to_readers(&self) -> Result<(), StoreError> {
        let statement = json!({
            "Effect": "Allow",
            "Principal": {"AWS": ["*"]},
            "Action": ["s3:GetObject"],
            "Resource": [format!("arn:aws:s3:::{}/{FOLDER}*", self.bucket.as_str())],
        });
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let call = self.client.put_bucket_policy(&self.bucket).map_err(StoreError::Settings)?;
        let policy: BucketPolicyConfig =
            policy.as_str().try_into().map_err(|error: ValidationErr| StoreError::Settings(error))?;
        within("set a policy", call.config(policy).build().send()).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, StoreError> {
        let call = self.client.bucket_exists(&self.bucket).map_err(StoreError::Settings)?;
        Ok(within("look up a bucket", call.build().send()).await?.exists())
    }

    async fn try_put(&self, name: &str, jpeg: Bytes) -> Result<(), StoreError> {
        let call = self.client.put_object_content(&self.bucket, name, jpeg).map_err(StoreError::Settings)?;
        let mut headers = Multimap::new();
        headers.add("Cache-Control", CACHE_CONTROL);
        let call = call.content_type("image/jpeg".to_owned()).extra_headers(headers).build();
        within("store an object", call.send()).await.map(drop)
    }
}

async fn within<T>(
    action: &'static str,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, StoreError> {
    let answer = tokio::time::timeout(PATIENCE, call).await.map_err(|_| StoreError::Late(action))?;
    answer.map_err(|source| StoreError::Away { action, source: Box::new(source) })
}

fn code(error: &Error) -> Option<MinioErrorCode> {
    match error {
        Error::S3Server(S3ServerError::S3Error(answer)) => Some(answer.code()),
        Error::S3Server(S3ServerError::InvalidServerResponse { .. } | S3ServerError::HttpError(..))
        | Error::DriveIo(_)
        | Error::Network(_)
        | Error::Validation(_) => None,
    }
}

fn is_missing_bucket(error: &Error) -> bool {
    code(error).is_some_and(|code| matches!(code, MinioErrorCode::NoSuchBucket))
}

fn is_ours_already(error: &Error) -> bool {
    code(error).is_some_and(|code| matches!(code, MinioErrorCode::BucketAlreadyOwnedByYou))
}
