//! Memory for batches that the server has not stored yet.
//!
//! Without replicas the server stages each batch in new files next to its stream, to complete a batch after a power cut. Our
//! batches need not be complete, because each commit or mail stands for itself, and creating files takes longer than writing messages.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, symlink},
    path::{Path, PathBuf},
};

use crate::{
    server::users::LOG_ACCOUNT,
    subjects::{EVENTS, MAILS},
};

/// Folder in memory that every Linux has.
const MEMORY: &str = "/dev/shm";

/// Streams to which batches are written.
const STREAMS: [&str; 2] = [EVENTS, MAILS];

/// Makes the server that uses the folder `store` stage the batches of the log and of mails in memory, until it
/// restarts; call it once the streams exist. Returns `false` if that is impossible: then they are staged on disk.
///
/// # Errors
///
/// The folder of batches cannot be replaced.
pub fn stage_batches_in_memory(store: &Path) -> io::Result<bool> {
    let streams = |account: &str| store.join("jetstream").join(account).join("streams");
    let Some(streams) =
        [LOG_ACCOUNT, "$G"].map(streams).into_iter().find(|streams| streams.join(EVENTS).is_dir())
    else {
        return Ok(false);
    };
    let mut staged = true;
    for stream in STREAMS {
        staged &= stage(&streams.join(stream))?;
    }
    Ok(staged)
}

fn stage(stream: &Path) -> io::Result<bool> {
    let batches = stream.join("batches");
    if batches.is_symlink() {
        return Ok(true);
    }
    if !stream.is_dir() {
        return Ok(false);
    }
    let Some(memory) = own_folder(stream)? else { return Ok(false) };
    match fs::remove_dir(&batches) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // A batch is being staged.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(false),
        Err(error) => return Err(error),
    }
    match symlink(&memory, &batches) {
        Ok(()) => Ok(true),
        // The server was faster and created it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// A folder in memory that only the owner of the stream may enter.
fn own_folder(stream: &Path) -> io::Result<Option<PathBuf>> {
    let owner = fs::metadata(stream)?;
    let folder = Path::new(MEMORY).join(format!("ticketshow-batches-{:x}-{:x}", owner.dev(), owner.ino()));
    match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => Ok(Some(folder)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(&folder)?;
            Ok((found.is_dir() && found.uid() == owner.uid()).then_some(folder))
        }
        // This system has no such folder.
        Err(_) => Ok(None),
    }
}
