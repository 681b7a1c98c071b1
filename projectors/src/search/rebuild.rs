//! Building the index anew beside the one that is read, and putting it in its place.

use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use super::{
    ALIAS,
    documents::{self, Id},
    error::{SearchError, SearchRebuildError},
    follow::{CHUNK, begin, position, write},
    index::{SearchIndex, Written},
};
use crate::{
    columns::stored,
    error::database,
    rebuild::Verification,
    schema::{self, LOCK_CLASS, Lock, READ},
};

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Documents written by now.
    pub documents: u64,
    /// Documents that there will be.
    pub of: u64,
}

/// A rebuild that is over: the new index is read.
#[derive(Debug, Clone, Copy)]
pub struct RebuiltSearch {
    /// Position of the read models that it was made of.
    pub position: u64,
    /// Documents in it.
    pub documents: u64,
    /// How long it took.
    pub took: Duration,
}

/// Builds the index anew from the read models, beside the one that is read and goes on being followed; compares both with the
/// read models if asked; and puts the new one in its place. `progress` is told after each chunk.
///
/// # Errors
///
/// [`SearchRebuildError`]: the index is as it was. It may be started again, from the beginning.
pub async fn rebuild(
    pool: &PgPool,
    index: &SearchIndex,
    verification: Verification,
    stop: &CancellationToken,
    progress: impl FnMut(Counted) + Send,
) -> Result<RebuiltSearch, SearchRebuildError> {
    let began = Instant::now();
    let mut session = schema::writer(pool, READ).await?;
    if !schema::try_lock(&mut session, Lock::SearchRebuild).await? {
        return Err(SearchRebuildError::Running);
    }
    let new = index.create(ticketshow_nats::clock::now().as_millisecond()).await?;
    let built = tokio::select! {
        built = build(&mut session, index, &new, verification, progress) => built,
        () = stop.cancelled() => Err(SearchRebuildError::Stopped),
    };
    match built {
        Ok((position, documents)) => {
            // Locks end with the session.
            schema::close(session).await;
            Ok(RebuiltSearch { position, documents, took: began.elapsed() })
        }
        Err(error) => {
            index.drop_index(&new).await.ok();
            Err(error)
        }
    }
}

async fn build(
    session: &mut PgConnection,
    index: &SearchIndex,
    new: &str,
    verification: Verification,
    mut progress: impl FnMut(Counted) + Send,
) -> Result<(u64, u64), SearchRebuildError> {
    let mut snapshot = begin(session).await?;
    let from = position(&mut snapshot).await?;
    let ids = documents::all(&mut snapshot).await?;
    let of = ids.len() as u64;
    let mut documents = 0;
    for chunk in ids.chunks(CHUNK) {
        let loaded = documents::load(&mut snapshot, chunk).await?;
        index.write(new, &loaded, from, Written::Part).await?;
        documents += loaded.len() as u64;
        progress(Counted { documents, of });
    }
    snapshot.rollback().await.map_err(database("ending a look at the catalogue"))?;

    // From here on nobody else writes to an index; what was written to the old one meanwhile is written to the new one too.
    sqlx::query("SELECT pg_advisory_lock($1, $2)")
        .bind(LOCK_CLASS)
        .bind(Lock::SearchWriter as i32)
        .execute(&mut *session)
        .await
        .map_err(database("waiting to write to the search index"))?;
    let mut snapshot = begin(session).await?;
    let to = position(&mut snapshot).await?;
    let changed = documents::changed(&mut snapshot, stored(from)).await?;
    write(index, new, &mut snapshot, &changed, to).await?;
    if verification == Verification::Compare {
        verify(index, new, &mut snapshot, to).await?;
    }
    snapshot.rollback().await.map_err(database("ending a look at the catalogue"))?;
    index.put_in_place(new).await?;
    Ok((to, of))
}

/// Compares the new index, and the one that is read, if there is one, with the tables.
async fn verify(
    index: &SearchIndex,
    new: &str,
    snapshot: &mut PgConnection,
    position: u64,
) -> Result<(), SearchRebuildError> {
    let all = documents::all(snapshot).await?;
    let ids = differing(index, new, snapshot, &all).await?;
    if !ids.is_empty() {
        return Err(SearchRebuildError::Different { which: "new", ids });
    }
    let reached = match index.reached().await {
        Ok(reached) => reached.position,
        Err(SearchError::Missing) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    // What has changed since, and what time alone has made wrong, is no difference.
    let mut expected = documents::changed(snapshot, stored(reached)).await?;
    expected.extend(index.stale("now").await?);
    write(index, ALIAS, snapshot, &expected, position.max(reached)).await?;
    let ids = differing(index, ALIAS, snapshot, &all).await?;
    if ids.is_empty() { Ok(()) } else { Err(SearchRebuildError::Different { which: "live", ids }) }
}

/// Ids of documents that are not what the tables say, are missing, or too many.
async fn differing(
    index: &SearchIndex,
    target: &str,
    snapshot: &mut PgConnection,
    all: &[Id],
) -> Result<Vec<String>, SearchRebuildError> {
    let mut found = index.documents(target).await?;
    let mut differing = Vec::new();
    for chunk in all.chunks(CHUNK) {
        for (id, document) in documents::load(snapshot, chunk).await? {
            let id = id.to_string();
            let said = serde_json::to_value(document)
                .map_err(|source| SearchError::Json { doing: "comparing documents", source })?;
            if found.remove(&id).unwrap_or(Value::Null) != said {
                differing.push(id);
            }
        }
    }
    differing.extend(found.into_keys());
    Ok(differing)
}
