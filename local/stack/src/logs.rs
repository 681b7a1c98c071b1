//! Shows what the parts of a local stack print, and goes on showing it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::PARTS;
use super::console::last_lines;
use super::home::Home;
use super::settings::Place;

/// Prints the last `count` lines of each part, or of one; with `follow` also what comes, until Ctrl-C.
///
/// # Errors
///
/// No such part.
pub async fn logs(place: &Place, part: Option<&str>, count: usize, follow: bool) -> Result<()> {
    let home = Home::open(&place.home)?;
    ensure!(part.is_none_or(|part| PARTS.contains(&part)), "no such part; there are {}", PARTS.join(", "));
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

/// One log and how far it was shown.
struct Tail {
    name: &'static str,
    path: PathBuf,
    shown: u64,
}

impl Tail {
    /// Shows the last lines there are.
    fn after(name: &'static str, path: PathBuf, count: usize) -> Self {
        let shown = path.metadata().map_or(0, |found| found.len());
        for line in last_lines(&path, count) {
            println!("{name:<12} {line}");
        }
        Self { name, path, shown }
    }

    /// Shows whole lines that came since; starts over when the log was cut.
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
