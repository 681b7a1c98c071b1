//! Why the search index is not what it should be.

use crate::error::ProjectError;

/// What went wrong between the tables and the index.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// `OPENSEARCH_URL` makes no sense.
    #[error("the address of OpenSearch makes no sense")]
    Address(#[source] opensearch::Error),
    /// `OpenSearch` is away, or too slow.
    #[error("{doing}: OpenSearch did not answer")]
    Away {
        /// What was being done.
        doing: &'static str,
        /// What happened instead.
        #[source]
        source: opensearch::Error,
    },
    /// `OpenSearch` refuses what it was asked.
    #[error("{doing}: OpenSearch answered {status}: {answer}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// Its HTTP status.
        status: u16,
        /// What it said.
        answer: String,
    },
    /// A document or an answer has no JSON form: a bug.
    #[error("{doing}: not the JSON that it should be")]
    Json {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// The tables could not be read.
    #[error("the read models could not be read")]
    Tables(#[from] ProjectError),
    /// There is no index that this program could go on with: it has to be built.
    #[error("there is no index to go on with")]
    Missing,
}

/// Why the index is still that of before.
#[derive(Debug, thiserror::Error)]
pub enum SearchRebuildError {
    /// One at a time.
    #[error("another rebuild of the search index is running")]
    Running,
    /// The program is to stop.
    #[error("stopped before the end")]
    Stopped,
    /// Documents that are not what the read models say.
    #[error("{} documents of the {which} index differ from the read models, among them {}", ids.len(), ids.first().map_or("", String::as_str))]
    Different {
        /// `live` or `new`.
        which: &'static str,
        /// Their ids.
        ids: Vec<String>,
    },
    /// It could not be written.
    #[error("the index cannot be built")]
    Search(#[from] SearchError),
}

impl From<ProjectError> for SearchRebuildError {
    fn from(error: ProjectError) -> Self {
        Self::Search(error.into())
    }
}
