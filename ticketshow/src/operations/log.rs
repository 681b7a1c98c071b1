//! `ticketshow admin log`: commits of the log as lines, for `grep` and for people.

use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use clap::Args;
use ticketshow_nats::{log::history::Log, server::users::NatsUser};

use crate::{config::Installation, logging};

/// The installation and the commits to print.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    installation: Installation,

    /// Subjects of the commits: `tix.<aggregate>.<id>`, with `*` for any. Default: all.
    #[arg(long, default_value = "tix.>")]
    subject: String,

    /// Position after which to begin. Default: the first commit.
    #[arg(long, default_value_t = 0)]
    after: u64,
}

/// Prints one line per commit: position, subject, commit.
///
/// # Errors
///
/// NATS is unreachable, or the output was closed.
pub async fn print(settings: &Settings) -> Result<()> {
    logging::warnings();
    let Settings { installation, subject, after } = settings;
    let log = Log::new(&installation.connect(NatsUser::Operator).await?);
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut after = *after;
    loop {
        let page = log.page_unparsed(subject, after).await.context("cannot read the log")?;
        for commit in &page {
            write!(output, "{} {} ", commit.position, commit.subject())?;
            output.write_all(commit.payload())?;
            writeln!(output)?;
        }
        match page.last() {
            Some(last) => after = last.position,
            None => return output.flush().context("cannot print"),
        }
    }
}
