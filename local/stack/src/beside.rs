//! Parts that join when they are fetched: the site serves without them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::part::Part;
use super::probe;

/// How long it may take until a part is fetched. `MinIO` takes three minutes where nothing else is being built.
pub const FETCHED_WITHIN: Duration = Duration::from_mins(15);

/// A part of the local stack that nothing waits for.
#[derive(Debug)]
pub struct Beside {
    /// How it is run.
    pub part: Part,
    /// It is fetched when this is there.
    pub fetched: PathBuf,
    /// Tells the server of it. The server is started without waiting.
    pub settings: Vec<(&'static str, OsString)>,
    /// What a person finds on its page, and the page.
    pub page: (&'static str, String),
    /// `GET` of this path is answered with 200 once it serves: `host:port`, path.
    pub health: (String, &'static str),
    /// What is not there without it, and what replaces it.
    pub without: &'static str,
}

impl Beside {
    /// Waits until it is fetched.
    ///
    /// # Errors
    ///
    /// It was not fetched in time.
    pub async fn fetched(&self) -> Result<()> {
        let deadline = Instant::now() + FETCHED_WITHIN;
        while !self.fetched.exists() {
            let name = self.part.name;
            ensure!(Instant::now() < deadline, "it was not fetched; see .local/build-logs/{name}.log");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    /// Whether it serves.
    ///
    /// # Errors
    ///
    /// Not yet.
    pub async fn check(&self) -> Result<()> {
        let (address, path) = &self.health;
        let (status, _) = probe::get(address, path).await?;
        ensure!(status == 200, "it answers {status}");
        Ok(())
    }
}
