//! The result of a round: a line for people, and a row of the table in `docs/reliability.md`.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result};

use crate::{bookings::Acknowledged, checks::Findings, plan::Counts};

/// Line after which rows are added, oldest first.
const END_OF_TABLE: &str = "<!-- end of the fault runs -->";

#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    pub counts: Counts,
    pub acknowledged: Acknowledged,
    pub findings: Findings,
}

impl Report {
    /// `true` if nothing was lost, doubled or unexpected.
    pub fn is_clean(&self) -> bool {
        self.findings.texts.is_empty()
    }

    /// Adds a row to the table of a page.
    pub fn append_to(&self, page: &Path) -> Result<()> {
        let text = fs::read_to_string(page).with_context(|| format!("reading {}", page.display()))?;
        let (before, after) = text.split_once(END_OF_TABLE).context("the page has no table of fault runs")?;
        fs::write(page, format!("{before}{}\n{END_OF_TABLE}{after}", self.row()))?;
        Ok(())
    }

    fn row(&self) -> String {
        let Counts { kills, stops, partitions, power_cuts } = self.counts;
        let Acknowledged { bookings, longest_pause, .. } = &self.acknowledged;
        let paid = bookings.iter().filter(|booked| booked.paid).count();
        let cancelled = bookings.iter().filter(|booked| booked.cancelled).count();
        let Findings { lost, money, .. } = self.findings;
        format!(
            "| {} | {kills} | {stops} | {partitions} | {power_cuts} | {} | {paid} | {cancelled} | {:.1} s | {lost} | {money} |",
            self.seed,
            bookings.len(),
            longest_pause.as_secs_f64()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed | kills | stops | partitions | power cuts | bookings | paid | cancelled | longest pause | lost | money"
        )?;
        write!(f, "{}", self.row())?;
        for text in &self.findings.texts {
            write!(f, "\n  {text}")?;
        }
        Ok(())
    }
}
