//! Errors of the search index.

use crate::error::ProjectError;

/// Failure to bring the tables into the index.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// `OPENSEARCH_URL` is invalid.
    #[error("invalid address of OpenSearch")]
    Address(#[source] opensearch::Error),
    /// `OpenSearch` is unreachable or too slow.
    #[error("{doing}: OpenSearch did not answer")]
    Unreachable {
        doing: &'static str,
        #[source]
        source: opensearch::Error,
    },
    /// `OpenSearch` refused a request.
    #[error("{doing}: OpenSearch answered {status}: {answer}")]
    Refused { doing: &'static str, status: u16, answer: String },
    /// A document or an answer is not the expected JSON: a bug.
    #[error("{doing}: unexpected JSON")]
    Json {
        doing: &'static str,
        #[source]
        source: serde_json::Error,
    },
    /// The tables could not be read.
    #[error("the read models could not be read")]
    Tables(#[from] ProjectError),
    /// There is no index of this version: it must be built.
    #[error("there is no index of this version")]
    Missing,
}

/// Failure of a rebuild; the live index is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum SearchRebuildError {
    /// Only one rebuild runs at a time.
    #[error("another rebuild of the search index is running")]
    Running,
    /// The program is stopping.
    #[error("stopped before the end")]
    Stopped,
    /// Documents differ from the read models.
    #[error("{} documents of the {which} index differ from the read models, among them {}", ids.len(), ids.first().map_or("", String::as_str))]
    Different {
        /// `live` or `new`.
        which: &'static str,
        /// Their ids.
        ids: Vec<String>,
    },
    /// The index could not be written.
    #[error("the index cannot be built")]
    Search(#[from] SearchError),
}

impl From<ProjectError> for SearchRebuildError {
    fn from(error: ProjectError) -> Self {
        Self::Search(error.into())
    }
}
