//! The table that is printed, and the page made from it.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result};
use jiff::Timestamp;

use ticketshow_tests::LIFTED;

use crate::{drive::Outcome, machine};

/// One line of the table, with its remarks.
#[derive(Debug, Clone)]
pub struct Line {
    /// Number of the goal in the design.
    pub row: u8,
    pub what: String,
    pub ours: String,
    /// The row-lock server in the same run, and how many times faster ours was.
    pub baseline: Option<(String, f64)>,
    pub goal: &'static str,
    pub met: bool,
    pub notes: Vec<String>,
}

impl Line {
    /// A line without a baseline.
    pub fn new(
        row: u8,
        what: impl Into<String>,
        ours: impl Into<String>,
        goal: &'static str,
        met: bool,
    ) -> Self {
        Self { row, what: what.into(), ours: ours.into(), baseline: None, goal, met, notes: Vec::new() }
    }

    /// With a remark.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// `21,300/s, p50 2.8 ms, p99 14.1 ms`.
pub fn speed(outcome: &mut Outcome) -> String {
    format!(
        "{}/s, p50 {:.1} ms, p99 {:.1} ms",
        grouped(outcome.rate()),
        outcome.samples.p50(),
        outcome.samples.p99()
    )
}

/// A whole number with commas between thousands.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The table in Markdown.
pub fn table(lines: &[Line]) -> String {
    let mut text =
        "| | Measured | Ours | Row locks | Ratio | Goal | Met |\n|---|---|---|---|---|---|---|\n".to_owned();
    for Line { row, what, ours, baseline, goal, met, .. } in lines {
        let (baseline, ratio) =
            baseline.as_ref().map_or(("", String::new()), |(speed, ratio)| (speed, format!("{ratio:.1}×")));
        let met = match (goal.is_empty(), met) {
            (true, _) => "",
            (false, true) => "yes",
            (false, false) => "no",
        };
        writeln!(text, "| {row} | {what} | {ours} | {baseline} | {ratio} | {goal} | {met} |")
            .expect("a text takes what is written");
    }
    text
}

/// Writes the whole page.
pub fn write(path: &Path, lines: &[Line], now: Timestamp) -> Result<()> {
    let mut notes = String::new();
    for line in lines.iter().filter(|line| !line.notes.is_empty()) {
        writeln!(notes, "**{}. {}**", line.row, line.what)?;
        for note in &line.notes {
            writeln!(notes, "- {note}")?;
        }
        writeln!(notes)?;
    }
    let lifted: Vec<_> = LIFTED.iter().map(|(name, value)| format!("`{name}={value}`")).collect();
    let page = format!(
        "# Performance\n\nMeasured by `make bench` on {}, everything on one machine, the load generator too. The page is \
         written by that command; only what was measured stands here.\n\n{}\n{}\n## How it is measured\n\n{}\n\
         - Lifted in every row, because all callers come from one address and a few customers stand for many: {}.\n\n## What limits\n\n{LIMITS}\n\n## Row by row\n\n{}",
        now.strftime("%Y-%m-%d"),
        machine::description(),
        table(lines),
        METHOD,
        lifted.join(", "),
        notes.trim_end().to_owned() + "\n",
    );
    fs::write(path, page).with_context(|| format!("writing {}", path.display()))
}

const METHOD: &str = "\
- The real binary, `ticketshow serve` with projectors and sagas, spoken to over HTTP. nats-server syncs every message to
  disk before it is acknowledged, Postgres commits synchronously. A new installation for each row; each is checked by
  `ticketshow verify` afterwards.
- How fast the disk syncs bounds every row that writes; it is tried before each: 4 KiB, one after the other.
- Callers are connections, each sending its next request when the last one is answered. Every caller is signed in.
- Percentiles are taken over every single answer, from the first byte sent to the last one received.
- *Row locks* is the way the replaced system works, at its fastest: axum, sqlx and one statement,
  `UPDATE seats … WHERE locked_until < now()`, on a Postgres of its own that commits synchronously. It checks no token, writes no booking and
  knows no limits. Same client, same machine, same run.";

const LIMITS: &str = "\
- Row 1: the processors, which all parts and the load generator share, where the disk is quick; else the disk. The notes show who used
  how much, and how long a commit took until nats-server had it on the disk.
- Row 3: the disk and the processors. A booking is five commits, one after the other. Those that wait at the same time reach the disk
  together, but the server syncs a batch about as often as six single messages.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(1_234_567.4), "1,234,567");
        assert_eq!(grouped(999.6), "1,000");
        assert_eq!(grouped(0.0), "0");
    }
}
