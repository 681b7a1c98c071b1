//! Console output of `ticketshow up`: one line per event, with the seconds since start.

use std::{fs, path::Path, time::Instant};

/// Standard output with a start time.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    started: Instant,
}

impl Console {
    /// Starts counting seconds.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    /// Prints a line about `part`.
    pub fn say(self, part: &str, text: &str) {
        println!("{:6.1} s  {part:<12} {text}", self.started.elapsed().as_secs_f64());
    }

    /// Prints the last lines of a part's log, for a part that keeps failing.
    pub fn show_end_of(self, part: &str, log: &Path) {
        self.say(part, &format!("the last lines of {}:", log.display()));
        for line in last_lines(log, 12) {
            println!("            | {line}");
        }
    }
}

/// Returns the last `count` lines of a file, from its last 64 KiB, or no lines if it cannot be read.
pub fn last_lines(path: &Path, count: usize) -> Vec<String> {
    let bytes = fs::read(path).unwrap_or_default();
    let end = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(64 * 1024)..]);
    let lines: Vec<&str> = end.lines().collect();
    lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect()
}
