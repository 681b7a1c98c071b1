//! Shows and follows the logs of the parts.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::{PARTS, console::last_lines, home::Home, settings::Place};

/// Prints the last `count` lines of one part or all; with `follow` also new lines, until Ctrl-C.
///
/// # Errors
///
/// There is no such part.
pub async fn logs(place: &Place, part: Option<&str>, count: usize, follow: bool) -> Result<()> {
    let home = Home::open(&place.home)?;
    ensure!(
        part.is_none_or(|part| PARTS.contains(&part)),
        "no such part, expected one of {}",
        PARTS.join(", ")
    );
    let mut tails: Vec<Tail> = PARTS
        .into_iter()
        .filter(|name| part.is_none_or(|part| part == *name))
        .map(|name| Tail::after(name, home.log(name), count))
        .collect();
    if !follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        tails.iter_mut().for_each(Tail::advance);
    }
}

/// A log and the number of bytes shown.
struct Tail {
    name: &'static str,
    path: PathBuf,
    shown: u64,
}

impl Tail {
    /// Shows the last lines.
    fn after(name: &'static str, path: PathBuf, count: usize) -> Self {
        let shown = path.metadata().map_or(0, |found| found.len());
        for line in last_lines(&path, count) {
            println!("{name:<12} {line}");
        }
        Self { name, path, shown }
    }

    /// Shows complete new lines. Starts over if the log was truncated.
    fn advance(&mut self) {
        let Ok(mut file) = File::open(&self.path) else { return };
        let length = file.metadata().map_or(0, |found| found.len());
        if length < self.shown {
            self.shown = 0;
        }
        let mut news = Vec::new();
        if file.seek(SeekFrom::Start(self.shown)).and_then(|_| file.read_to_end(&mut news)).is_err() {
            return;
        }
        let whole = news.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in String::from_utf8_lossy(&news[..whole]).lines() {
            println!("{:<12} {line}", self.name);
        }
        self.shown += u64::try_from(whole).unwrap_or(0);
    }
}
