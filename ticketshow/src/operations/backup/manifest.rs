//! The description of a backup: `manifest.json` in its folder, written last.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ticketshow_nats::server::copies::{AckFloors, StreamCopy};
use ticketshow_sagas::TableCopy;

use crate::config::fingerprint;

const FILE: &str = "manifest.json";
/// Version of the layout of a backup.
const FORMAT: u32 = 1;

/// Contents of a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// Version of the program that made it.
    pub version: String,
    /// Moment at which it began.
    pub created_at: Timestamp,
    /// Fingerprint of the installation secret: without that secret nobody can sign in.
    secret: String,
    /// Progress of the durable consumers when it began.
    pub ack_floors: AckFloors,
    /// Tables of the sagas.
    pub tables: Vec<TableCopy>,
    /// Streams, each in a file `<name>.stream`.
    pub streams: Vec<StreamCopy>,
}

impl Manifest {
    /// Creates the manifest of a backup that began at `created_at`.
    ///
    /// # Errors
    ///
    /// The secret is too short.
    pub fn new(
        created_at: Timestamp,
        secret: &SecretString,
        ack_floors: AckFloors,
        tables: Vec<TableCopy>,
        streams: Vec<StreamCopy>,
    ) -> Result<Self> {
        let (version, secret) = (env!("CARGO_PKG_VERSION").to_owned(), fingerprint(secret)?);
        Ok(Self { format: FORMAT, version, created_at, secret, ack_floors, tables, streams })
    }

    /// Writes the manifest, which completes the backup.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let file = std::fs::File::create_new(folder.join(FILE)).context("cannot create the manifest")?;
        serde_json::to_writer_pretty(&file, self).context("cannot write the manifest")?;
        file.sync_all().context("cannot write the manifest")
    }

    /// Reads the manifest of a complete backup.
    ///
    /// # Errors
    ///
    /// It is missing, unreadable, or of a newer layout.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text =
            std::fs::read(&path).with_context(|| format!("{} holds no complete backup", folder.display()))?;
        let manifest: Self = serde_json::from_slice(&text).context("cannot read the manifest")?;
        ensure!(manifest.format == FORMAT, "the backup has layout {}, not {FORMAT}", manifest.format);
        Ok(manifest)
    }

    /// Checks that the backup was made with this installation secret.
    ///
    /// # Errors
    ///
    /// It was made with another one.
    pub fn check_secret(&self, secret: &SecretString) -> Result<()> {
        ensure!(self.secret == fingerprint(secret)?, "TICKETSHOW_SECRET is not the secret of this backup");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(secret: &str) -> Manifest {
        let none = AckFloors::new();
        Manifest::new(Timestamp::UNIX_EPOCH, &secret.to_owned().into(), none, Vec::new(), Vec::new()).unwrap()
    }

    #[test]
    fn a_backup_is_bound_to_its_secret_and_does_not_contain_it() {
        let (ours, theirs) = ("a".repeat(32), "b".repeat(32));
        let manifest = manifest(&ours);
        assert!(manifest.check_secret(&ours.clone().into()).is_ok());
        assert!(manifest.check_secret(&theirs.into()).is_err());
        assert!(!serde_json::to_string(&manifest).unwrap().contains(&ours[..8]));
    }

    #[test]
    fn a_folder_without_a_manifest_is_no_backup() {
        let error = Manifest::read(Path::new("/nowhere")).unwrap_err();
        assert_eq!(error.to_string(), "/nowhere holds no complete backup");
    }
}
