//! Folder of a local stack: its layout, and the secrets that are created once and stored.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use rand::RngCore;
use serde::{Deserialize, Serialize};

/// `TICKETSHOW_HOME`: all files of a local stack.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// Opens the folder, creating it if missing. The path becomes absolute, because parts run in other folders.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
        let path = path.canonicalize().with_context(|| format!("cannot enter {}", path.display()))?;
        // Mails have links that reset a password; logs and the log of events have addresses.
        for folder in ["logs", "run", "nats", "mails", "secrets"] {
            private_folder(&path.join(folder))?;
        }
        Ok(Self(path))
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the log file of a part.
    pub fn log(&self, part: &str) -> PathBuf {
        self.0.join("logs").join(format!("{part}.log"))
    }

    /// Returns the file that records the process of a running part.
    pub fn record(&self, part: &str) -> PathBuf {
        self.0.join("run").join(format!("{part}.json"))
    }

    /// Returns the lock file, held by the `ticketshow up` of this folder.
    pub fn lock(&self) -> PathBuf {
        self.0.join("run/lock")
    }

    /// Returns the file that exists once the demo data is loaded.
    pub fn demo_marker(&self) -> PathBuf {
        self.0.join("demo-loaded")
    }

    /// Returns the folder of nats-server's configuration and store.
    pub fn nats(&self) -> PathBuf {
        self.0.join("nats")
    }

    /// Returns the file for `--context` of the `nats` CLI.
    pub fn nats_context(&self) -> PathBuf {
        self.nats().join("cli.json")
    }

    /// Returns the folder of Postgres' data, or a link to it if the user of Postgres cannot enter this folder.
    pub fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// Returns the folder of the Dodo simulator's data.
    pub fn dodo(&self) -> Result<PathBuf> {
        let folder = self.0.join("dodo");
        private_folder(&folder)?;
        Ok(folder)
    }

    /// Returns the folder of received mails.
    pub fn mails(&self) -> PathBuf {
        self.0.join("mails")
    }

    /// Returns the folder of the search index. `opensearch` beside it holds the programs.
    pub fn opensearch(&self) -> PathBuf {
        self.0.join("opensearch-data")
    }

    /// Returns the folder of posters.
    pub fn minio(&self) -> PathBuf {
        self.0.join("minio")
    }

    /// Returns the folder of the NATS users' seeds, one `<user>.nk` each.
    pub fn nats_keys(&self) -> Result<PathBuf> {
        let folder = self.0.join("secrets/nats");
        private_folder(&folder)?;
        Ok(folder)
    }

    /// Returns the stored secret of that name, or stores the one that `make` creates.
    pub fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<String> {
        keep(&self.secret_file(name), make)
    }

    /// Returns the file of a secret.
    pub fn secret_file(&self, name: &str) -> PathBuf {
        self.0.join("secrets").join(name)
    }

    /// Stores the addresses of the parts for operations on this stack. They may differ from the last start.
    pub fn note_addresses(&self, addresses: &Addresses) -> Result<()> {
        write_private(&addresses_file(&self.0), &serde_json::to_string(addresses)?)
    }

    /// Deletes data, logs and secrets, and keeps the tools.
    pub fn forget(&self) -> Result<()> {
        let postgres = self.postgres();
        if postgres.is_symlink() {
            remove(&postgres.canonicalize().unwrap_or_else(|_| postgres.clone()))?;
        }
        for name in [
            "postgres",
            "nats",
            "dodo",
            "mails",
            "opensearch-data",
            "minio",
            "secrets",
            "logs",
            "run",
            "demo-loaded",
        ] {
            remove(&self.0.join(name))?;
        }
        Ok(())
    }
}

/// Addresses of the parts of a local stack when it was last started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// `nats://…`
    pub nats_url: String,
    /// Folder of the seeds, if the server requires authentication.
    pub nats_keys: Option<PathBuf>,
    /// `postgres://…`
    pub database_url: String,
    /// `http://…`; with `None`, Postgres answers searches.
    #[serde(default)]
    pub opensearch_url: Option<String>,
    /// The installation secret.
    pub secret: String,
}

impl Addresses {
    /// Reads the addresses of the stack in the folder `home`; `None` if no stack was started there.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn of(home: &Path) -> Result<Option<Self>> {
        let file = addresses_file(home);
        let doing = || format!("cannot read {}", file.display());
        match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).map(Some).with_context(doing),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(doing),
        }
    }
}

fn addresses_file(home: &Path) -> PathBuf {
    home.join("secrets/addresses.json")
}

/// Returns the content of `path`. A missing file is created, readable by its owner only.
pub fn keep(path: &Path, make: impl FnOnce() -> String) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(kept) => return Ok(kept.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    let made = make();
    write_private(path, &made)?;
    Ok(made)
}

/// Replaces the content of `path`, readable by its owner only. The file is written beside and renamed, so that a crash leaves
/// no partial file.
fn write_private(path: &Path, content: &str) -> Result<()> {
    let beside = path.with_extension("new");
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).and_then(
            |mut file| {
                file.write_all(content.as_bytes())?;
                file.sync_all()
            },
        );
    written
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Returns `bytes` random bytes in hexadecimal.
#[must_use]
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::rng().fill_bytes(&mut buffer);
    let mut hex = String::with_capacity(2 * bytes);
    for byte in buffer {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn private_folder(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create {}", path.display()))?;
    // One that exists may have been made by an older version.
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .with_context(|| format!("cannot make {} private", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    let removed = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_personal_data_are_private_even_if_an_older_version_made_them() {
        let folder = std::env::temp_dir().join(format!("ticketshow-home-{}", std::process::id()));
        fs::create_dir_all(folder.join("mails")).unwrap();
        fs::set_permissions(folder.join("mails"), Permissions::from_mode(0o755)).unwrap();

        Home::open(&folder).unwrap();

        for name in ["logs", "run", "nats", "mails", "secrets"] {
            let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{name}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
