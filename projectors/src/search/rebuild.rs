//! Rebuilds the index beside the live one and swaps it in.

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

/// Progress of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Documents written so far.
    pub documents: u64,
    /// Total number of documents.
    pub of: u64,
}

/// A finished rebuild: the new index is live.
#[derive(Debug, Clone, Copy)]
pub struct RebuiltSearch {
    /// Position of the read models in the index.
    pub position: u64,
    /// Number of documents.
    pub documents: u64,
    /// Duration of the rebuild.
    pub took: Duration,
}

/// Rebuilds the index from the read models while the live one stays in use; compares both with the read models if requested;
/// and swaps in the new one. `progress` is called after each chunk.
///
/// # Errors
///
/// [`SearchRebuildError`]: the live index is unchanged. A retry starts over.
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
    snapshot.rollback().await.map_err(database("ending the snapshot of the catalogue"))?;

    // Keeps other writers out from here on. The new index now gets the changes made to the old one meanwhile.
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
    snapshot.rollback().await.map_err(database("ending the snapshot of the catalogue"))?;
    index.put_in_place(new).await?;
    Ok((to, of))
}

/// Compares the new index, and the live one if it exists, with the tables.
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
    // Later changes and documents outdated by time do not count as differences.
    let mut expected = documents::changed(snapshot, stored(reached)).await?;
    expected.extend(index.stale("now").await?);
    write(index, ALIAS, snapshot, &expected, position.max(reached)).await?;
    let ids = differing(index, ALIAS, snapshot, &all).await?;
    if ids.is_empty() { Ok(()) } else { Err(SearchRebuildError::Different { which: "live", ids }) }
}

/// Lists documents that differ from the tables, are missing or should not exist.
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
