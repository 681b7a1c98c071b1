//! The index in `OpenSearch`: creating, writing and reading it.

use std::{collections::BTreeMap, time::Duration};

use opensearch::{
    BulkOperation, BulkOperations, BulkParts, OpenSearch,
    http::{
        Method, Url,
        headers::HeaderMap,
        request::JsonBody,
        transport::{SingleNodeConnectionPool, TransportBuilder},
    },
    params::{Refresh, VersionType},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ticketshow_domain::folding;

use super::{
    ALIAS, CHECKPOINT,
    documents::{Document, Id},
    error::SearchError,
};
use crate::columns::stored;

/// Settings and fields.
const MAPPING: &str = include_str!("../../search/catalogue.json");

/// Characters that are kept of an answer.
const ANSWER_CHARS: usize = 500;
/// Limit for an answer. Below the time after which Postgres ends an idle session.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// Documents read back at once.
const PAGE: usize = 1_000;

/// The search index of one `OpenSearch`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SearchIndex(OpenSearch);

/// Position of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    pub position: u64,
    /// The index behind the alias.
    pub index: String,
}

impl SearchIndex {
    /// The index at `http://host:port`. Connects on first use.
    ///
    /// # Errors
    ///
    /// [`SearchError::Address`].
    pub fn at(url: &str) -> Result<Self, SearchError> {
        // The client library builds its TLS part whether it needs it or not. Harmless if a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = Url::parse(url).map_err(|error| SearchError::Address(error.into()))?;
        let transport = TransportBuilder::new(SingleNodeConnectionPool::new(url))
            .timeout(REQUEST_TIMEOUT)
            .disable_proxy()
            .build()
            .map_err(|error| SearchError::Address(error.into()))?;
        Ok(Self(OpenSearch::new(transport)))
    }

    /// Returns the position of the index behind the alias.
    ///
    /// # Errors
    ///
    /// [`SearchError::Missing`] if there is no index, or one of another version of this program.
    pub(crate) async fn reached(&self) -> Result<Reached, SearchError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "_index")]
            index: String,
            #[serde(rename = "_source")]
            source: Source,
        }
        #[derive(Deserialize)]
        struct Source {
            position: u64,
        }
        let doing = "reading the position of the index";
        let path = format!("/{ALIAS}/_doc/{CHECKPOINT}");
        let answer: Answer = self.find(doing, Method::Get, &path, None).await?.ok_or(SearchError::Missing)?;
        if answer.index.starts_with(&generation()) {
            Ok(Reached { position: answer.source.position, index: answer.index })
        } else {
            Err(SearchError::Missing)
        }
    }

    /// Returns the position of the live index.
    ///
    /// # Errors
    ///
    /// [`SearchError`] if there is none or it cannot be read.
    pub async fn position(&self) -> Result<u64, SearchError> {
        self.reached().await.map(|reached| reached.position)
    }

    /// Creates an empty index without readers and returns its name, which `began` makes unique.
    pub(crate) async fn create(&self, began: i64) -> Result<String, SearchError> {
        let name = format!("{}{began}", generation());
        let mapping: Value = serde_json::from_str(MAPPING)
            .map_err(|source| SearchError::Json { doing: "reading the mapping", source })?;
        self.must("creating an index", Method::Put, &format!("/{name}"), Some(mapping)).await?;
        Ok(name)
    }

    /// Makes this index the live one and drops all others.
    pub(crate) async fn put_in_place(&self, index: &str) -> Result<(), SearchError> {
        let actions = json!({"actions": [
            {"remove": {"index": format!("{ALIAS}-*"), "alias": ALIAS, "must_exist": false}},
            {"add": {"index": index, "alias": ALIAS}},
        ]});
        self.must("swapping the indexes", Method::Post, "/_aliases", Some(actions)).await?;
        for other in self.all().await?.into_iter().filter(|other| other != index) {
            self.drop_index(&other).await?;
        }
        Ok(())
    }

    /// Drops an index.
    pub(crate) async fn drop_index(&self, index: &str) -> Result<(), SearchError> {
        let path = format!("/{index}");
        self.find::<Value>("dropping an index", Method::Delete, &path, None).await.map(drop)
    }

    async fn all(&self) -> Result<Vec<String>, SearchError> {
        let path = format!("/{ALIAS}-*/_alias");
        let indexes: BTreeMap<String, Value> =
            self.find("listing the indexes", Method::Get, &path, None).await?.unwrap_or_default();
        Ok(indexes.into_keys().collect())
    }

    /// Writes documents as of `position` and, after the last of them, the position of the index. Newer documents stay. `target`
    /// is the alias or an index without readers. After the last write all documents are searchable.
    pub(crate) async fn write(
        &self,
        target: &str,
        documents: &[(Id, Document)],
        position: u64,
        reached: Written,
    ) -> Result<(), SearchError> {
        const DOING: &str = "writing documents";
        let json = |source| SearchError::Json { doing: DOING, source };
        let unreachable = |source| SearchError::Unreachable { doing: DOING, source };
        let mut operations = BulkOperations::new();
        let mut push = |id: String, document: Value| {
            let operation = BulkOperation::index(document).id(id).version(stored(position));
            operations.push(operation.version_type(VersionType::ExternalGte)).map_err(unreachable)
        };
        for (id, document) in documents {
            push(id.to_string(), serde_json::to_value(document).map_err(json)?)?;
        }
        let refresh = match reached {
            Written::Part => Refresh::False,
            Written::All => {
                push(CHECKPOINT.to_owned(), json!({"kind": "checkpoint", "position": position}))?;
                Refresh::True
            }
        };
        let request = self.0.bulk(BulkParts::Index(target)).require_alias(target == ALIAS);
        let answer = request.refresh(refresh).body(vec![operations]).send().await.map_err(unreachable)?;
        let answer: Value = accepted(DOING, answer).await?.ok_or(SearchError::Missing)?;
        refused_item(&answer).map_or(Ok(()), Err)
    }

    /// Lists shows whose last screening in a city has begun: their documents must be rewritten.
    pub(crate) async fn stale(&self, now: &str) -> Result<Vec<Id>, SearchError> {
        let query = json!({"size": PAGE, "_source": false, "query": {"range": {"stale_at": {"lte": now}}}});
        let found = self.search("looking for outdated documents", ALIAS, &query).await?;
        Ok(found.into_iter().filter_map(|hit| hit.id.parse().ok()).collect())
    }

    /// Returns all documents of an index by id, except the checkpoint.
    pub(crate) async fn documents(&self, index: &str) -> Result<BTreeMap<String, Value>, SearchError> {
        let doing = "reading documents back";
        let mut documents = BTreeMap::new();
        let mut after: Option<Value> = None;
        loop {
            let mut query = json!({"size": PAGE, "query": {"bool": {"must_not": {"term": {"kind": "checkpoint"}}}},
                                   "sort": [{"kind": "asc"}, {"_id": "asc"}]});
            if let Some(after) = after {
                query["search_after"] = after;
            }
            let page = self.search(doing, index, &query).await?;
            after = page.last().map(|last| last.sort.clone());
            let full = page.len() == PAGE;
            documents.extend(page.into_iter().map(|hit| (hit.id, hit.source)));
            if !full {
                return Ok(documents);
            }
        }
    }

    async fn search(&self, doing: &'static str, index: &str, query: &Value) -> Result<Vec<Hit>, SearchError> {
        #[derive(Deserialize)]
        struct Answer {
            hits: Hits,
        }
        #[derive(Deserialize)]
        struct Hits {
            hits: Vec<Hit>,
        }
        let path = format!("/{index}/_search");
        let answer: Option<Answer> = self.find(doing, Method::Post, &path, Some(query.clone())).await?;
        Ok(answer.ok_or(SearchError::Missing)?.hits.hits)
    }

    async fn must(
        &self,
        doing: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, SearchError> {
        self.find(doing, method, path, body).await?.ok_or(SearchError::Missing)
    }

    /// Sends a request and returns the answer; `None` for 404.
    async fn find<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Option<T>, SearchError> {
        let body = body.map(JsonBody::new);
        let sent = self.0.send(method, path, HeaderMap::new(), None::<&()>, body, None).await;
        accepted(doing, sent.map_err(|source| SearchError::Unreachable { doing, source })?).await
    }
}

/// Part of a write at one position, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Part,
    All,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_source", default)]
    source: Value,
    #[serde(default)]
    sort: Value,
}

async fn accepted<T: DeserializeOwned>(
    doing: &'static str,
    answer: opensearch::http::response::Response,
) -> Result<Option<T>, SearchError> {
    let status = answer.status_code().as_u16();
    let unreachable = |source| SearchError::Unreachable { doing, source };
    match status {
        200..=299 => answer.json().await.map(Some).map_err(unreachable),
        404 => Ok(None),
        _ => {
            let answer = shortened(&answer.text().await.map_err(unreachable)?);
            Err(SearchError::Refused { doing, status, answer })
        }
    }
}

/// Cuts an answer that goes to the log: it may repeat a whole document.
fn shortened(answer: &str) -> String {
    answer.chars().take(ANSWER_CHARS).collect()
}

/// Returns the first refused document, except for those with a newer version in the index.
fn refused_item(answer: &Value) -> Option<SearchError> {
    const CONFLICT: u64 = 409;
    let items = answer["items"].as_array()?.iter();
    let mut refused = items.filter_map(|item| {
        let status = item["index"]["status"].as_u64()?;
        (status >= 300 && status != CONFLICT).then_some((status, item))
    });
    let (status, item) = refused.next()?;
    let (doing, status) = ("writing documents", u16::try_from(status).unwrap_or(u16::MAX));
    // The alias is gone: the node restarted without data.
    if status == 404 {
        return Some(SearchError::Missing);
    }
    Some(SearchError::Refused { doing, status, answer: shortened(&item["index"]["error"].to_string()) })
}

/// Prefix of the names of this version's indexes: a change of the mapping or of the folding needs a new index.
fn generation() -> String {
    let folding = folding::VERSION.to_be_bytes();
    let digest = Sha256::new().chain_update(MAPPING).chain_update(folding).finalize();
    let number = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{ALIAS}-{number:08x}-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_about_a_refused_document_is_cut() {
        let reason = "x".repeat(10_000);
        let answer = json!({"items": [{"index": {"status": 400, "error": {"reason": reason}}}]});
        let Some(SearchError::Refused { answer, .. }) = refused_item(&answer) else { panic!("refused") };
        assert_eq!(answer.len(), ANSWER_CHARS);
    }

    #[test]
    fn the_mapping_only_splits_what_is_folded_already() {
        let mapping: Value = serde_json::from_str(MAPPING).unwrap();
        assert_eq!(mapping["settings"]["analysis"]["analyzer"]["words"]["tokenizer"], "whitespace");
        assert!(!MAPPING.contains("lowercase") && !MAPPING.contains("folding"));
    }

    #[test]
    fn a_newer_document_is_no_refusal_and_a_lost_alias_is_reported() {
        let answer =
            |status: u16| json!({"items": [{"index": {"status": 200}}, {"index": {"status": status}}]});
        assert!(refused_item(&answer(409)).is_none());
        assert!(matches!(refused_item(&answer(404)), Some(SearchError::Missing)));
        assert!(matches!(refused_item(&answer(400)), Some(SearchError::Refused { status: 400, .. })));
    }
}
