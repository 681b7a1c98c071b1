//! The search engine that may be there: an index in `OpenSearch`, which the projectors keep. Read here, never written.
//!
//! Whoever asks waits for it a moment at most. After the first failure nobody does any more: a task of its own tries until the
//! index answers again, and Postgres answers meanwhile. So a dead index costs one short wait, and then nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opensearch::{
    OpenSearch,
    http::{
        Method, Url,
        headers::HeaderMap,
        request::JsonBody,
        transport::{SingleNodeConnectionPool, TransportBuilder},
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    engine::{Hit, Hits, Limits},
    index_queries::{self, Kind},
    question::Question,
};

/// The name under which the projectors let the index be read.
const ALIAS: &str = "ticketshow-catalogue";
/// How long whoever searches waits.
const PATIENCE: Duration = Duration::from_millis(400);
/// Between two tries of an index that failed: at first, and at most.
const TRY_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));

/// The search index. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    client: OpenSearch,
    /// Whether it failed and has not answered since.
    away: Arc<AtomicBool>,
}

/// `OPENSEARCH_URL` is no address.
#[derive(Debug)]
pub struct NoAddress(opensearch::Error);

impl std::fmt::Display for NoAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the address of OpenSearch makes no sense: {}", self.0)
    }
}

impl std::error::Error for NoAddress {}

impl SearchIndex {
    /// The index at `http://host:port`. Connects when it is first used.
    ///
    /// # Errors
    ///
    /// [`NoAddress`].
    pub fn at(url: &str) -> Result<Self, NoAddress> {
        // The client library builds its TLS part whether it needs it or not. Harmless if somebody chose a provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = Url::parse(url).map_err(|error| NoAddress(error.into()))?;
        let transport = TransportBuilder::new(SingleNodeConnectionPool::new(url))
            .timeout(PATIENCE)
            .disable_proxy()
            .build()
            .map_err(|error| NoAddress(error.into()))?;
        Ok(Self { client: OpenSearch::new(transport), away: Arc::default() })
    }

    /// Shows and venues, best first. `None` if it is away, or has not read the log up to `min_position`: Postgres answers then.
    pub(crate) async fn search(
        &self,
        question: &Question,
        city: Option<&str>,
        limit: usize,
        min_position: Option<u64>,
    ) -> Option<Hits> {
        let query = |kind| index_queries::search(kind, question, city, limit);
        let (shows, venues) = self.both(query(Kind::Show), query(Kind::Venue), min_position).await?;
        Some(Hits { shows, venues })
    }

    /// What a text may become; `None` as above.
    pub(crate) async fn suggest(
        &self,
        text: &str,
        limits: Limits,
        min_position: Option<u64>,
    ) -> Option<(Vec<Uuid>, Vec<Uuid>)> {
        let titles = index_queries::suggest(Kind::Show, text, limits.titles);
        let venues = index_queries::suggest(Kind::Venue, text, limits.venues);
        let (titles, venues) = self.both(titles, venues, min_position).await?;
        let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.id).collect();
        Some((ids(titles), ids(venues)))
    }

    /// How far it has read the log.
    ///
    /// # Errors
    ///
    /// Why it cannot be asked, for operators.
    pub async fn reached(&self) -> Result<u64, String> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "_source")]
            source: Source,
        }
        #[derive(Deserialize)]
        struct Source {
            position: u64,
        }
        let path = format!("/{ALIAS}/_doc/checkpoint");
        let answer: Answer = self.ask(Method::Get, &path, None).await?;
        Ok(answer.source.position)
    }

    async fn both(
        &self,
        shows: Value,
        venues: Value,
        min_position: Option<u64>,
    ) -> Option<(Vec<Hit>, Vec<Hit>)> {
        if self.away.load(Ordering::Relaxed) {
            return None;
        }
        let (shows, venues) = tokio::join!(self.found(shows), self.found(venues));
        let ((shows, at), (venues, also_at)) = match shows.and_then(|shows| Ok((shows, venues?))) {
            Ok(found) => found,
            Err(why) => {
                self.break_off(&why);
                return None;
            }
        };
        let behind = min_position.is_some_and(|wanted| at.min(also_at) < wanted);
        (!behind).then_some((shows, venues))
    }

    /// What a query finds, and the position that the index was at while it looked.
    async fn found(&self, query: Value) -> Result<(Vec<Hit>, u64), String> {
        let found: Found = self.ask(Method::Post, &format!("/{ALIAS}/_search"), Some(query)).await?;
        let hit = |hit: FoundHit| {
            let (_, id) = hit.id.split_once(':')?;
            Some(Hit { id: id.parse().ok()?, score: hit.score.unwrap_or_default() })
        };
        // Positions stay below 2^53, up to which the aggregation's floats are exact.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
        let position = found.aggregations.all.position.value.unwrap_or_default() as u64;
        Ok((found.hits.hits.into_iter().filter_map(hit).collect(), position))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, String> {
        let body = body.map(JsonBody::new);
        let answer = self.client.send(method, path, HeaderMap::new(), None::<&()>, body, None).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let status = answer.status_code().as_u16();
        match status {
            200..=299 => answer.json().await.map_err(|error| error.to_string()),
            404 => Err("there is no index yet".to_owned()),
            _ => {
                let told = answer.text().await.unwrap_or_default();
                tracing::error!(status, told, "the search index refuses a query");
                Err(format!("OpenSearch answered {status}"))
            }
        }
    }

    /// Nobody asks it any more until it answers the task that this starts.
    fn break_off(&self, why: &str) {
        if self.away.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(why, "the search index is away: Postgres answers searches");
        metrics::gauge!("ticketshow_search_index_away").set(1);
        let index = self.clone();
        tokio::spawn(async move {
            let (mut pause, pause_max) = TRY_AGAIN;
            loop {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(pause_max);
                let nothing = json!({"size": 0});
                if index.found(index_queries::with_position(nothing)).await.is_ok() {
                    break;
                }
            }
            tracing::info!("the search index answers again");
            metrics::gauge!("ticketshow_search_index_away").set(0);
            index.away.store(false, Ordering::Relaxed);
        });
    }
}

#[derive(Deserialize)]
struct Found {
    hits: FoundHits,
    aggregations: Aggregations,
}

#[derive(Deserialize)]
struct FoundHits {
    hits: Vec<FoundHit>,
}

#[derive(Deserialize)]
struct FoundHit {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_score")]
    score: Option<f64>,
}

#[derive(Deserialize)]
struct Aggregations {
    all: AllDocuments,
}

#[derive(Deserialize)]
struct AllDocuments {
    position: Position,
}

#[derive(Deserialize)]
struct Position {
    value: Option<f64>,
}
