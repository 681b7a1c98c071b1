//! Temporary folders.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::reaper;

/// A new folder under the system's temporary folder (`TMPDIR`), removed with everything in it when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one; `name` is part of its path.
    ///
    /// # Panics
    ///
    /// If the temporary folder cannot be written.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ticketshow-{name}-{:08x}", rand::random::<u32>()));
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
        // Postgres runs as another user and has to pass through.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        reaper::made(&path);
        Self(path)
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The reaper removes what cannot be removed now.
        fs::remove_dir_all(&self.0).ok();
    }
}
