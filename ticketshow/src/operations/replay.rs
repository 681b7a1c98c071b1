//! `ticketshow replay`: builds read models and search index anew beside the live ones, and puts them in their place.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use ticketshow_nats::{Connection, Log, NatsUser};
use ticketshow_projectors::{
    Progress, Rebuilt, Stage, Verification, rebuild,
    search::{self, Counted, SearchIndex},
    status,
};

use super::progress;
use crate::config::Installation;
use crate::{logging, stop};

/// Of which installation, and how.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    installation: Installation,

    /// What is built anew. Default: `read-models`.
    #[arg(value_enum)]
    projections: Vec<Projection>,

    /// Everything, the search index too where there is one.
    #[arg(long, conflicts_with = "projections")]
    all: bool,

    /// Compares the new tables with the live ones, row by row, and the documents of the search index with the tables; if they
    /// differ, the live ones stay and the exit code is 1.
    #[arg(long)]
    verify: bool,

    /// Says what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What can be built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Projection {
    /// All tables of Postgres.
    ReadModels,
    /// The index in `OpenSearch`.
    Search,
}

/// What a replay works on.
struct Site {
    pool: PgPool,
    connection: Connection,
    index: Option<SearchIndex>,
}

/// Replays the log.
///
/// # Errors
///
/// The live tables are as they were, and why.
pub async fn replay(settings: &Replay) -> Result<()> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::Projectors).await?;
    let pool = PgPool::connect(settings.installation.database_url()?.expose_secret())
        .await
        .context("Postgres is away")?;
    let url = settings.installation.opensearch_url()?.filter(|url| !url.is_empty());
    let index = url.as_deref().map(SearchIndex::at).transpose().context("OPENSEARCH_URL")?;
    let site = Site { pool, connection, index };
    let verification = if settings.verify { Verification::Compare } else { Verification::Skip };
    for projection in settings.wanted(&site) {
        match (projection, settings.dry_run) {
            (Projection::ReadModels, false) => {
                rebuild_with_progress(&site.pool, &site.connection, verification).await?;
            }
            (Projection::Search, false) => rebuild_search(&site.pool, site.index()?, verification).await?,
            (Projection::ReadModels, true) => tell_read_models(&site).await?,
            (Projection::Search, true) => tell_search(&site).await?,
        }
    }
    Ok(())
}

impl Replay {
    /// The tables first: the index is made of them.
    fn wanted(&self, site: &Site) -> Vec<Projection> {
        match (self.all, self.projections.is_empty()) {
            (true, _) if site.index.is_none() => {
                println!("there is no OpenSearch: the search index is left out");
                vec![Projection::ReadModels]
            }
            (true, _) => vec![Projection::ReadModels, Projection::Search],
            (false, true) => vec![Projection::ReadModels],
            (false, false) => self.projections.clone(),
        }
    }
}

impl Site {
    fn index(&self) -> Result<&SearchIndex> {
        self.index.as_ref().context("OPENSEARCH_URL is not set, and the local stack has no OpenSearch")
    }
}

async fn tell_read_models(site: &Site) -> Result<()> {
    let log = Log::new(&site.connection);
    let live = status(&site.pool, &log).await?;
    let position = live.first().map_or(0, |projection| projection.position);
    let end = log.last_position().await?;
    println!(
        "read-models: would read positions 1 to {end} into new tables; the live ones are at position {position}"
    );
    Ok(())
}

async fn tell_search(site: &Site) -> Result<()> {
    const DOCUMENTS: &str = "SELECT (SELECT count(*) FROM read.shows) + (SELECT count(*) FROM read.venues)";
    let documents: i64 = sqlx::query_scalar(DOCUMENTS).fetch_one(&site.pool).await?;
    let live = match site.index()?.position().await {
        Ok(position) => format!("is at position {position}"),
        Err(error) => format!("cannot be asked ({error})"),
    };
    println!("search: would write {documents} documents into a new index; the live one {live}");
    Ok(())
}

/// Ctrl-C stops it and leaves the live index.
async fn rebuild_search(pool: &PgPool, index: &SearchIndex, verification: Verification) -> Result<()> {
    let stop = stop::on_signal()?;
    let bar = progress::bar();
    bar.set_message("indexing");
    let rebuilt = search::rebuild(pool, index, verification, &stop, |Counted { documents, of }| {
        bar.set_length(of);
        bar.set_position(documents);
    });
    let rebuilt = rebuilt.await.context("the search index is as it was")?;
    bar.finish_and_clear();
    let equal = match verification {
        Verification::Compare => ", equal to what the read models say",
        Verification::Skip => "",
    };
    println!(
        "the search index is rebuilt up to position {}{equal}: {} documents in {:.1} s",
        rebuilt.position,
        rebuilt.documents,
        rebuilt.took.as_secs_f64()
    );
    Ok(())
}

/// The same, for whoever is connected already. Ctrl-C stops it and leaves the live tables; the next
/// time it goes on from there.
///
/// # Errors
///
/// The live tables are as they were, and why.
pub async fn rebuild_with_progress(
    pool: &PgPool,
    connection: &Connection,
    verification: Verification,
) -> Result<()> {
    let stop = stop::on_signal()?;
    let bar = progress::bar();
    let rebuilt = rebuild(pool, connection, verification, &stop, |progress: Progress| {
        bar.set_message(match progress.stage {
            Stage::Loading => "loading",
            Stage::Indexing => "indexing",
            Stage::Comparing => "comparing",
            Stage::Swapping => "swapping",
        });
        bar.set_length(progress.target);
        bar.set_position(progress.position);
    });
    let rebuilt = rebuilt.await.context("the read models are as they were")?;
    bar.finish_and_clear();
    println!("{}", summary(&rebuilt, verification));
    Ok(())
}

fn summary(rebuilt: &Rebuilt, verification: Verification) -> String {
    let Rebuilt { position, left_off, events, loading, took } = *rebuilt;
    let from = if left_off > 0 { format!(", gone on from {left_off}") } else { String::new() };
    let equal = match verification {
        Verification::Compare => ", equal to the ones they replaced",
        Verification::Skip => "",
    };
    let rate = u128::from(events) * 1_000 / loading.as_millis().max(1);
    format!(
        "the read models are rebuilt up to position {position}{from}{equal}: {events} events in {:.1} s ({rate} a second), {:.1} s in all",
        loading.as_secs_f64(),
        took.as_secs_f64(),
    )
}
