//! Optional parts: downloaded in the background and started afterwards. The site works without them.

use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{part::Part, probe};

/// Time that a download may take. Building `MinIO` takes three minutes on an idle machine.
pub const FETCHED_WITHIN: Duration = Duration::from_mins(15);

/// A part of the local stack that no other part waits for.
#[derive(Debug)]
pub struct OptionalPart {
    /// Process to run.
    pub part: Part,
    /// File that exists once the download is complete.
    pub fetched: PathBuf,
    /// Settings for the server, which is started without waiting for the part.
    pub settings: Vec<(&'static str, OsString)>,
    /// Title and address of its page.
    pub page: (&'static str, String),
    /// Address `host:port` and path that answer `GET` with 200 once the part is ready.
    pub health: (String, &'static str),
    /// Consequence of its absence, and the replacement.
    pub without: &'static str,
}

impl OptionalPart {
    /// Waits until the download is complete.
    ///
    /// # Errors
    ///
    /// The download took too long.
    pub async fn fetched(&self) -> Result<()> {
        let deadline = Instant::now() + FETCHED_WITHIN;
        while !self.fetched.exists() {
            let name = self.part.name;
            ensure!(Instant::now() < deadline, "download failed, see .local/build-logs/{name}.log");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    /// Checks that the part is ready.
    ///
    /// # Errors
    ///
    /// The part is not ready.
    pub async fn check(&self) -> Result<()> {
        let (address, path) = &self.health;
        let (status, _) = probe::get(address, path).await?;
        ensure!(status == 200, "answered {status}");
        Ok(())
    }
}
