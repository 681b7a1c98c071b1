//! Where posters lie: a bucket of an object store that speaks S3, from which browsers fetch them. The only file that knows the
//! client library.
//!
//! The bucket is made when it is missing, and what is below [`FOLDER`] may be read, not listed, by everybody.

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

/// What everybody may read begins with it.
pub const FOLDER: &str = "shows/";
/// A name stands for the same bytes for ever: browsers keep them for a year, the longest that RFC 9111 suggests.
const KEPT: &str = "public, max-age=31536000, immutable";
/// How long a call may take. The client itself would wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries to make the bucket, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Where the store is, and who we are there.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub struct StoreSettings {
    /// An origin, such as `http://127.0.0.1:9000`.
    pub endpoint: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub bucket: String,
    pub region: String,
}

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The settings make no sense.
    #[error("the settings of the object store make no sense")]
    Settings(#[source] ValidationErr),
    /// It cannot be reached, or does not do what it is asked.
    #[error("the object store did not {doing}")]
    Away {
        /// What it was asked to do.
        doing: &'static str,
        /// What it said.
        #[source]
        source: Box<Error>,
    },
    /// It did not answer in time.
    #[error("the object store did not {0} within {seconds} s", seconds = PATIENCE.as_secs())]
    Late(&'static str),
}

/// A bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PosterStore {
    client: MinioClient,
    bucket: BucketName,
    /// Set once the bucket is known to be there, by this process.
    prepared: Arc<OnceCell<()>>,
}

impl PosterStore {
    /// A store that nobody has asked anything yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Settings`].
    pub fn new(settings: &StoreSettings) -> Result<Self, StoreError> {
        let StoreSettings { endpoint, access_key_id, secret_access_key, bucket, region } = settings;
        let mut base: BaseUrl = endpoint.parse().map_err(StoreError::Settings)?;
        // Told, so that it is never asked for.
        base.region = Region::new(region.as_str()).map_err(StoreError::Settings)?;
        let client = MinioClientBuilder::new(base)
            .provider(Some(StaticProvider::new(access_key_id, secret_access_key, None)))
            .build()
            .map_err(|source| StoreError::Away { doing: "take its settings", source: Box::new(source) })?;
        let bucket = BucketName::new(bucket.as_str()).map_err(StoreError::Settings)?;
        Ok(Self { client, bucket, prepared: Arc::default() })
    }

    /// Makes the bucket as soon as the store is there, or gives up when told to stop.
    pub async fn prepare_when_there(&self, stop: CancellationToken) {
        let (mut pause, longest) = PAUSES;
        while let Err(error) = self.prepare().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the poster store is not there yet");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
            pause = (pause * 2).min(longest);
        }
        tracing::info!(bucket = self.bucket.as_str(), "the poster store is ready");
    }

    /// Puts a JPEG there under a name that nothing had before.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it may be there, or not.
    pub async fn put(&self, name: &str, jpeg: Bytes) -> Result<(), StoreError> {
        self.prepare().await?;
        match self.try_put(name, jpeg.clone()).await {
            Err(StoreError::Away { source, .. }) if is_missing_bucket(&source) => {
                // The store was emptied while we ran.
                self.make_bucket().await?;
                self.try_put(name, jpeg).await
            }
            done => done,
        }
    }

    /// Removes it. Nothing is there: that is well, too.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it may be gone, or not.
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let doing = "remove an object";
        let call = self.client.delete_object(&self.bucket, name).map_err(StoreError::Settings)?;
        within(doing, call.build().send()).await.map(drop)
    }

    /// Whether it answers, and has the bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.exists().await?;
        Ok(())
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        self.prepared.get_or_try_init(|| self.make_bucket()).await?;
        Ok(())
    }

    /// Makes the bucket if it is missing. One that is there keeps the policy it has, if it has any: it may be an operator's.
    async fn make_bucket(&self) -> Result<(), StoreError> {
        if !self.exists().await? {
            let doing = "make a bucket";
            let call = self.client.create_bucket(&self.bucket).map_err(StoreError::Settings)?;
            match within(doing, call.build().send()).await {
                // Another process was quicker.
                Err(StoreError::Away { source, .. }) if is_ours_already(&source) => {}
                made => drop(made?),
            }
        }
        let call = self.client.get_bucket_policy(&self.bucket).map_err(StoreError::Settings)?;
        let policy = within("tell a policy", call.build().send()).await;
        let policy = policy.map(|answer| answer.config().is_ok_and(|policy| policy.contains("Statement")));
        match policy {
            Ok(true) => Ok(()),
            Ok(false) => self.open_to_readers().await,
            Err(StoreError::Away { source, .. }) if matches!(*source, Error::S3Server(_)) => {
                tracing::warn!(
                    error = &*source as &dyn std::error::Error,
                    "who may read posters is not for us to know"
                );
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Lets everybody read what is below the folder, and nobody list it.
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
        Ok(within("look for a bucket", call.build().send()).await?.exists())
    }

    async fn try_put(&self, name: &str, jpeg: Bytes) -> Result<(), StoreError> {
        let call = self.client.put_object_content(&self.bucket, name, jpeg).map_err(StoreError::Settings)?;
        let mut headers = Multimap::new();
        headers.add("Cache-Control", KEPT);
        let call = call.content_type("image/jpeg".to_owned()).extra_headers(headers).build();
        within("take an object", call.send()).await.map(drop)
    }
}

async fn within<T>(
    doing: &'static str,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, StoreError> {
    let answer = tokio::time::timeout(PATIENCE, call).await.map_err(|_| StoreError::Late(doing))?;
    answer.map_err(|source| StoreError::Away { doing, source: Box::new(source) })
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
