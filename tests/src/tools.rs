//! Paths of the programs that the tests start.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The program `name` from the folder `TICKETSHOW_TOOLS`, from `.local/bin` of the repository, or from the `PATH`.
///
/// # Panics
///
/// If it is in none of them.
#[must_use]
pub fn find_tool(name: &str) -> PathBuf {
    try_find_tool(name).unwrap_or_else(|| {
        panic!("there is no {name} in TICKETSHOW_TOOLS, .local/bin or PATH; `make up` installs it")
    })
}

/// Like [`find_tool`], for programs that a machine may lack.
#[must_use]
pub fn try_find_tool(name: &str) -> Option<PathBuf> {
    let own = env::var_os("TICKETSHOW_TOOLS").map(PathBuf::from);
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|root| root.join(".local/bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    own.into_iter().chain(repository).chain(env::split_paths(&path)).find_map(|folder| file_in(&folder, name))
}

/// The `ticketshow` binary: `TICKETSHOW_BINARY`, or the one that was built beside this program.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn find_binary() -> PathBuf {
    if let Some(path) = env::var_os("TICKETSHOW_BINARY") {
        return path.into();
    }
    let this = env::current_exe().expect("a running program knows where it is");
    this.ancestors().skip(1).take(3).find_map(|folder| file_in(folder, "ticketshow")).unwrap_or_else(|| {
        panic!(
            "there is no ticketshow beside {}; build it: cargo build --release -p ticketshow",
            this.display()
        )
    })
}

fn file_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    path.is_file().then_some(path)
}
