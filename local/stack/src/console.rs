//! What `ticketshow up` tells the person who started it: one line a thing that happened, with the seconds since start.

use std::fs;
use std::path::Path;
use std::time::Instant;

/// The terminal, or whatever stands in for it.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    started: Instant,
}

impl Console {
    /// Counts from now.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    /// Says what `part` does.
    pub fn say(self, part: &str, text: &str) {
        println!("{:6.1} s  {part:<12} {text}", self.started.elapsed().as_secs_f64());
    }

    /// Shows the last lines of a log, for when its part keeps dying.
    pub fn show_end_of(self, part: &str, log: &Path) {
        self.say(part, &format!("the last lines of {}:", log.display()));
        for line in last_lines(log, 12) {
            println!("            | {line}");
        }
    }
}

/// The last `count` lines of a file, read from its last 64 KiB; none if it cannot be read.
pub fn last_lines(path: &Path, count: usize) -> Vec<String> {
    let bytes = fs::read(path).unwrap_or_default();
    let end = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(64 * 1024)..]);
    let lines: Vec<&str> = end.lines().collect();
    lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect()
}
