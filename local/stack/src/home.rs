//! The folder of a local stack: where each thing lies, and the secrets that are made once and kept.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rand::RngCore;
use serde::{Deserialize, Serialize};

/// `TICKETSHOW_HOME`: everything a local stack keeps.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// The folder, made if it is missing. The path is absolute from here on: parts run in other folders.
    pub fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        let path = path.canonicalize().with_context(|| format!("cannot enter {}", path.display()))?;
        for folder in ["logs", "run", "nats"] {
            fs::create_dir_all(path.join(folder))
                .with_context(|| format!("cannot make {folder} in {}", path.display()))?;
        }
        private_folder(&path.join("secrets"))?;
        Ok(Self(path))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What a part prints goes here.
    pub fn log(&self, part: &str) -> PathBuf {
        self.0.join("logs").join(format!("{part}.log"))
    }

    /// Which process a part is, while it runs.
    pub fn record(&self, part: &str) -> PathBuf {
        self.0.join("run").join(format!("{part}.json"))
    }

    /// Held by the one `ticketshow up` of this folder.
    pub fn lock(&self) -> PathBuf {
        self.0.join("run/lock")
    }

    /// There once the demo data was loaded.
    pub fn demo_marker(&self) -> PathBuf {
        self.0.join("demo-loaded")
    }

    /// Configuration and store of the nats-server.
    pub fn nats(&self) -> PathBuf {
        self.0.join("nats")
    }

    /// For the `nats` CLI's `--context`.
    pub fn nats_context(&self) -> PathBuf {
        self.nats().join("cli.json")
    }

    /// The data of Postgres, or a link to it where its user cannot enter this folder.
    pub fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// What the Dodo simulator remembers.
    pub fn dodo(&self) -> Result<PathBuf> {
        let folder = self.0.join("dodo");
        private_folder(&folder)?;
        Ok(folder)
    }

    /// What the inbox has received.
    pub fn mails(&self) -> PathBuf {
        self.0.join("mails")
    }

    /// The search index. Beside the programs of `OpenSearch`, which `make up` puts into `opensearch`.
    pub fn opensearch(&self) -> PathBuf {
        self.0.join("opensearch-data")
    }

    /// The posters.
    pub fn minio(&self) -> PathBuf {
        self.0.join("minio")
    }

    /// Seeds of the NATS users, `<service>.nk` each.
    pub fn nats_keys(&self) -> Result<PathBuf> {
        let folder = self.0.join("secrets/nats");
        private_folder(&folder)?;
        Ok(folder)
    }

    /// The secret of that name: as it was kept, else as `make` makes it now.
    pub fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<String> {
        keep(&self.secret_file(name), make)
    }

    /// Where that secret is kept.
    pub fn secret_file(&self, name: &str) -> PathBuf {
        self.0.join("secrets").join(name)
    }

    /// Notes for the operations on this stack where its parts are; they may be elsewhere than the last time.
    pub fn note_addresses(&self, addresses: &Addresses) -> Result<()> {
        write_private(&addresses_file(&self.0), &serde_json::to_string(addresses)?)
    }

    /// Forgets what was stored: data, logs, secrets. Tools stay.
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

/// Where the parts of a local stack are, as it noted when it was last started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// `nats://…`
    pub nats_url: String,
    /// Folder of the seeds, if that server asks who one is.
    pub nats_keys: Option<PathBuf>,
    /// `postgres://…`
    pub database_url: String,
    /// `http://…`; none: Postgres answers searches.
    #[serde(default)]
    pub opensearch_url: Option<String>,
    /// The installation secret.
    pub secret: String,
}

impl Addresses {
    /// Those of the stack in the folder `home`; `None` if none was ever started there.
    ///
    /// # Errors
    ///
    /// What is there cannot be read.
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

/// The content of `path`; made and stored for its owner's eyes only when there is none.
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

/// Stores `content` for its owner's eyes only, in the place of what was there. Written beside and renamed, so that a crash
/// leaves no half of it.
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
        .with_context(|| format!("cannot keep {}", path.display()))
}

/// `bytes` random bytes, in hexadecimal.
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
        .with_context(|| format!("cannot make {}", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    let removed = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}
