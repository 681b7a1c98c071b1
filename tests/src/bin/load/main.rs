//! The load tool: measures the goals of the design on this machine, beside a server with row locks, and reports the
//! results. `load all` writes `docs/performance.md`; `load row1 row6` prints those rows alone.

mod baseline;
mod bulk;
mod cascade;
mod drive;
mod freshness;
mod hot_screening;
mod idle;
mod large;
mod live;
mod machine;
mod on_sale;
mod replay;
mod report;
mod reserve;
mod restore;
mod rush;
mod samples;
mod seat_map;
mod site;
mod wallet;
mod wire;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use report::Line;

/// Measures the goals of the design.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    inner: Option<Inner>,
    /// Rows to measure.
    #[arg(default_value = "all")]
    rows: Vec<Row>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Inner {
    /// Serves the baseline; started by the tool itself.
    #[command(hide = true)]
    Baseline(baseline::Settings),
}

/// Options of a measurement.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Length of each measurement in seconds. Default: as suits the row.
    #[arg(long)]
    seconds: Option<u64>,
    /// Events in the log that is replayed.
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    #[command(flatten)]
    size: large::Size,
    /// The page that `all` writes.
    #[arg(long, default_value = "docs/performance.md")]
    page: PathBuf,
}

impl Options {
    /// The length of a measurement that takes `default` seconds unless set otherwise.
    fn seconds(&self, default: u64) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(default))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Row {
    All,
    Row1,
    Row2,
    Row3,
    Row4,
    Row5,
    Row6,
    Row7,
    Row8,
    Row9,
    Row10,
    Row11,
    Row12,
}

const EACH: [Row; 12] = [
    Row::Row1,
    Row::Row2,
    Row::Row3,
    Row::Row4,
    Row::Row5,
    Row::Row6,
    Row::Row7,
    Row::Row8,
    Row::Row9,
    Row::Row10,
    Row::Row11,
    Row::Row12,
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Some(Inner::Baseline(settings)) = &cli.inner {
        return baseline::serve(settings).await;
    }
    let folder = std::env::temp_dir();
    ensure!(
        machine::file_system(&folder) != "tmpfs",
        "{} is memory, where syncing costs nothing: set TMPDIR to a folder on a disk",
        folder.display()
    );
    let all = cli.rows.contains(&Row::All);
    let rows = if all { EACH.to_vec() } else { cli.rows };
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let syncs = machine::syncs_a_second(&folder)?;
        let mut measured = measure(row, &cli.options).await?;
        if let Some(line) = measured.first_mut() {
            line.notes
                .push(format!("just before, the disk synced {} times a second", report::grouped(syncs)));
        }
        eprint!("{}", report::table(&measured));
        for note in measured.iter().flat_map(|line| &line.notes) {
            eprintln!("  {note}");
        }
        lines.extend(measured);
    }
    println!("{}\n{}", machine::description(), report::table(&lines));
    if all {
        report::write(&cli.options.page, &lines, ticketshow_tests::now())?;
    }
    Ok(())
}

async fn measure(row: Row, options: &Options) -> Result<Vec<Line>> {
    match row {
        Row::All => Ok(Vec::new()),
        Row::Row1 => Box::pin(hot_screening::measure(options)).await,
        Row::Row2 => Box::pin(rush::measure(options)).await,
        Row::Row3 => Box::pin(wallet::measure(options)).await,
        Row::Row4 => Box::pin(replay::measure(options)).await,
        Row::Row5 => Box::pin(freshness::measure(options)).await,
        Row::Row6 => Box::pin(seat_map::measure(options)).await,
        Row::Row7 => Box::pin(cascade::measure(options)).await,
        Row::Row8 => Box::pin(idle::measure(options)).await,
        Row::Row9 => Box::pin(live::measure(options)).await,
        Row::Row10 => Box::pin(large::measure(options)).await,
        Row::Row11 => Box::pin(on_sale::measure(options)).await,
        Row::Row12 => Box::pin(restore::measure(options)).await,
    }
}
