//! The optional search index in `OpenSearch`. The projectors write it; it is only read here.
//!
//! After the first failure or timeout, searches go to Postgres at once, and a background task polls the index until it
//! answers again. An outage of the index thus costs one short wait.

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
    cities::KnownCity,
    engine::{Hit, Hits, Limits},
    index_queries::{self, Kind},
    question::Question,
};

/// Alias under which the projectors publish the index.
const ALIAS: &str = "ticketshow-catalogue";
/// Limit for one request to the index.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(400);
/// Pause between polls of a failed index: first and longest.
const POLL_PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));

/// The search index. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SearchIndex {
    client: OpenSearch,
    /// True from a failure until the index answers again.
    unreachable: Arc<AtomicBool>,
}

/// The address of `OpenSearch` is invalid.
#[derive(Debug)]
pub struct InvalidAddress(opensearch::Error);

impl std::fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "invalid OpenSearch address: {}", self.0)
    }
}

impl std::error::Error for InvalidAddress {}

impl SearchIndex {
    /// The index at `http://host:port`. Connects on first use.
    ///
    /// # Errors
    ///
    /// [`InvalidAddress`].
    pub fn at(url: &str) -> Result<Self, InvalidAddress> {
        // The client library sets up TLS even if it is not used. Fails harmlessly if a provider is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = Url::parse(url).map_err(|error| InvalidAddress(error.into()))?;
        let transport = TransportBuilder::new(SingleNodeConnectionPool::new(url))
            .timeout(REQUEST_TIMEOUT)
            .disable_proxy()
            .build()
            .map_err(|error| InvalidAddress(error.into()))?;
        Ok(Self { client: OpenSearch::new(transport), unreachable: Arc::default() })
    }

    /// Returns shows and venues, best first. `None` if the index is unreachable or has not reached `min_position`; Postgres
    /// has to answer then.
    pub(crate) async fn search(
        &self,
        question: &Question,
        city: Option<&KnownCity>,
        limit: usize,
        min_position: Option<u64>,
    ) -> Option<Hits> {
        let query = |kind| index_queries::search(kind, question, city, limit);
        let (shows, venues) = self.both(query(Kind::Show), query(Kind::Venue), min_position).await?;
        Some(Hits { shows, venues })
    }

    /// Returns completions of a text; `None` as for [`SearchIndex::search`].
    pub(crate) async fn suggest(
        &self,
        question: &Question,
        limits: Limits,
        min_position: Option<u64>,
    ) -> Option<(Vec<Uuid>, Vec<Uuid>)> {
        let titles = index_queries::suggest(Kind::Show, question, limits.titles);
        let venues = index_queries::suggest(Kind::Venue, question, limits.venues);
        let (titles, venues) = self.both(titles, venues, min_position).await?;
        let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.id).collect();
        Some((ids(titles), ids(venues)))
    }

    /// Returns the log position that the index has reached.
    ///
    /// # Errors
    ///
    /// The reason why the index is unreachable, for operators.
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
        if self.unreachable.load(Ordering::Relaxed) {
            return None;
        }
        let (shows, venues) = tokio::join!(self.found(shows), self.found(venues));
        let ((shows, at), (venues, also_at)) = match shows.and_then(|shows| Ok((shows, venues?))) {
            Ok(found) => found,
            Err(why) => {
                self.mark_unreachable(&why);
                return None;
            }
        };
        let behind = min_position.is_some_and(|wanted| at.min(also_at) < wanted);
        (!behind).then_some((shows, venues))
    }

    /// Returns the hits of a query, and the position of the index at that moment.
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
            404 => Err("the index does not exist yet".to_owned()),
            _ => {
                // The reason may repeat what a person typed.
                let body: Value = answer.json().await.unwrap_or_default();
                let kind = body.pointer("/error/type").and_then(Value::as_str).unwrap_or("unknown");
                tracing::error!(status, kind, "the search index rejected a query");
                Err(format!("OpenSearch answered {status}"))
            }
        }
    }

    /// Stops using the index until the task started here gets an answer from it.
    fn mark_unreachable(&self, why: &str) {
        if self.unreachable.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(why, "the search index is unreachable; searching in Postgres");
        metrics::gauge!("ticketshow_search_index_away").set(1);
        let index = self.clone();
        tokio::spawn(async move {
            let (mut pause, pause_max) = POLL_PAUSE;
            loop {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(pause_max);
                let probe = json!({"size": 0});
                if index.found(index_queries::with_position(probe)).await.is_ok() {
                    break;
                }
            }
            tracing::info!("the search index answers again");
            metrics::gauge!("ticketshow_search_index_away").set(0);
            index.unreachable.store(false, Ordering::Relaxed);
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
