//! `ticketshow replay`: rebuilds the read models and the search index beside the live ones, then swaps them.

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use ticketshow_nats::{
    log::history::Log,
    server::{connection::Connection, users::NatsUser},
};
use ticketshow_projectors::{
    Progress, Rebuilt, Stage, Verification, rebuild,
    search::{self, Counted, SearchIndex},
    status,
};

use crate::{
    config::{Installation, PersonKeySettings},
    logging,
    operations::progress,
    stop,
};

/// The installation, the projections to rebuild, and the options.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    installation: Installation,

    #[command(flatten)]
    persons: PersonKeySettings,

    /// The installation secret, from which the keys of persons are derived unless they are listed. Default: the local stack's.
    #[arg(long, env = "TICKETSHOW_SECRET", hide_env_values = true)]
    secret: Option<SecretString>,

    /// Projections to rebuild. Default: `read-models`.
    #[arg(value_enum)]
    projections: Vec<Projection>,

    /// Rebuilds everything, including the search index if there is one.
    #[arg(long, conflicts_with = "projections")]
    all: bool,

    /// Compares the new tables with the live ones, row by row, and the documents of the search index with the tables. If they
    /// differ, the live ones stay and the exit code is 1.
    #[arg(long)]
    verify: bool,

    /// Prints what would be done without doing it.
    #[arg(long)]
    dry_run: bool,
}

/// Projections that can be rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Projection {
    /// All tables of Postgres.
    ReadModels,
    /// The index in `OpenSearch`.
    Search,
}

/// Connections to the installation.
struct Servers {
    pool: PgPool,
    connection: Connection,
    index: Option<SearchIndex>,
}

/// Rebuilds the chosen projections.
///
/// # Errors
///
/// The rebuild failed; the live tables are unchanged.
pub async fn replay(settings: &Replay) -> Result<()> {
    logging::warnings();
    let connection = settings.installation.connect(NatsUser::Projectors).await?;
    let secret = settings.installation.secret(settings.secret.as_ref()).ok();
    let connection = connection.with_wrapping_keys(settings.persons.listed_or_derived(secret.as_ref())?);
    let pool = PgPool::connect(settings.installation.database_url()?.expose_secret())
        .await
        .context("Postgres is unreachable")?;
    let url = settings.installation.opensearch_url()?.filter(|url| !url.is_empty());
    let index = url.as_deref().map(SearchIndex::at).transpose().context("OPENSEARCH_URL")?;
    let servers = Servers { pool, connection, index };
    let verification = if settings.verify { Verification::Compare } else { Verification::Skip };
    for projection in settings.wanted(&servers) {
        match (projection, settings.dry_run) {
            (Projection::ReadModels, false) => {
                rebuild_with_progress(&servers.pool, &servers.connection, verification).await?;
            }
            (Projection::Search, false) => {
                rebuild_search(&servers.pool, servers.index()?, verification).await?;
            }
            (Projection::ReadModels, true) => describe_read_models(&servers).await?,
            (Projection::Search, true) => describe_search(&servers).await?,
        }
    }
    Ok(())
}

impl Replay {
    /// Returns the projections to rebuild, the tables first because the index is built from them.
    fn wanted(&self, servers: &Servers) -> Vec<Projection> {
        match (self.all, self.projections.is_empty()) {
            (true, _) if servers.index.is_none() => {
                println!("no OpenSearch is configured: skipping the search index");
                vec![Projection::ReadModels]
            }
            (true, _) => vec![Projection::ReadModels, Projection::Search],
            (false, true) => vec![Projection::ReadModels],
            (false, false) => self.projections.clone(),
        }
    }
}

impl Servers {
    fn index(&self) -> Result<&SearchIndex> {
        self.index.as_ref().context("OPENSEARCH_URL is not set, and the local stack has no OpenSearch")
    }
}

async fn describe_read_models(servers: &Servers) -> Result<()> {
    let log = Log::new(&servers.connection);
    let live = status(&servers.pool, &log).await?;
    let position = live.first().map_or(0, |projection| projection.position);
    let end = log.last_position().await?;
    println!(
        "read-models: would read positions 1 to {end} into new tables; the live ones are at position {position}"
    );
    Ok(())
}

async fn describe_search(servers: &Servers) -> Result<()> {
    const DOCUMENTS: &str = "SELECT (SELECT count(*) FROM read.shows) + (SELECT count(*) FROM read.venues)";
    let documents: i64 = sqlx::query_scalar(DOCUMENTS).fetch_one(&servers.pool).await?;
    let live = match servers.index()?.position().await {
        Ok(position) => format!("is at position {position}"),
        Err(error) => format!("is unreachable ({error})"),
    };
    println!("search: would write {documents} documents into a new index; the live one {live}");
    Ok(())
}

/// Rebuilds the search index. Ctrl-C stops it and leaves the live index unchanged.
async fn rebuild_search(pool: &PgPool, index: &SearchIndex, verification: Verification) -> Result<()> {
    let stop = stop::on_signal()?;
    let bar = progress::bar();
    bar.set_message("indexing");
    let rebuilt = search::rebuild(pool, index, verification, &stop, |Counted { documents, of }| {
        bar.set_length(of);
        bar.set_position(documents);
    });
    let rebuilt = rebuilt.await.context("the live search index is unchanged")?;
    bar.finish_and_clear();
    let equal = match verification {
        Verification::Compare => ", equal to the read models",
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

/// Rebuilds the read models. Ctrl-C stops it and leaves the live tables unchanged; the next run resumes.
///
/// # Errors
///
/// The rebuild failed; the live tables are unchanged.
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
    let rebuilt = rebuilt.await.context("the live read models are unchanged")?;
    bar.finish_and_clear();
    println!("{}", summary(&rebuilt, verification));
    Ok(())
}

fn summary(rebuilt: &Rebuilt, verification: Verification) -> String {
    let Rebuilt { position, left_off, events, loading, took } = *rebuilt;
    let from = if left_off > 0 { format!(", resumed at {left_off}") } else { String::new() };
    let equal = match verification {
        Verification::Compare => ", equal to the ones they replaced",
        Verification::Skip => "",
    };
    let rate = u128::from(events) * 1_000 / loading.as_millis().max(1);
    format!(
        "the read models are rebuilt up to position {position}{from}{equal}: {events} events in {:.1} s ({rate} per second), {:.1} s in total",
        loading.as_secs_f64(),
        took.as_secs_f64(),
    )
}
