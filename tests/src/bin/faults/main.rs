//! The fault tool: runs an installation of three nats-servers and two replicas of every service, lets customers book and pay,
//! and meanwhile kills and stops processes, cuts networks and power. Afterwards it checks that nothing acknowledged was
//! lost, no seat was sold twice, and all money is where it belongs.
//!
//! Needs Linux and root: every nats-server has a network namespace and a disk (a loop device) of its own.

mod bookings;
mod checks;
mod installation;
mod machine;
mod plan;
mod report;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, bail};
use clap::Parser;
use installation::Installation;
use plan::Plan;
use report::Report;

/// Faults of a whole installation under load.
#[derive(Debug, Parser)]
struct Cli {
    /// Rounds, each on a new installation.
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// Seed of the first round; each further round has the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Page whose table gets a row per round.
    #[arg(long)]
    page: Option<PathBuf>,
    #[command(flatten)]
    plan: plan::Counts,
}

/// Time of load without faults, before the first one and after the last one.
const CALM: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let mut clean = true;
    for seed in cli.seed..cli.seed + cli.rounds {
        let report = round(seed, &cli.plan).await?;
        println!("{report}");
        if let Some(page) = &cli.page {
            report.append_to(page)?;
        }
        clean &= report.is_clean();
    }
    if !clean {
        bail!("not every round was clean");
    }
    Ok(())
}

async fn round(seed: u64, counts: &plan::Counts) -> Result<Report> {
    println!("round with seed {seed}");
    let mut installation = Installation::start().await?;
    let house = bookings::prepare(&installation).await?;
    let load = bookings::Load::start(&installation, &house, seed);
    tokio::time::sleep(CALM).await;
    let plan = Plan::new(seed, counts);
    for fault in plan.faults() {
        println!("  {fault}");
        installation.suffer(fault).await?;
    }
    installation.heal().await?;
    tokio::time::sleep(CALM).await;
    let acknowledged = load.stop().await;
    println!("  {} bookings acknowledged, checking", acknowledged.bookings.len());
    let findings = checks::check(&installation, &house, &acknowledged).await;
    Ok(Report { seed, counts: plan.counts(), acknowledged, findings })
}
