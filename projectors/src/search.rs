//! The search index in `OpenSearch`: shows and venues from the read models. [`follow()`] keeps it up to date, [`rebuild()`]
//! rebuilds it. It follows the tables instead of the log, so it can never be ahead of them.
//!
//! The query API shares the alias [`ALIAS`], the document [`CHECKPOINT`] and the fields of `search/catalogue.json`.

mod documents;
mod error;
mod follow;
mod index;
mod rebuild;

pub use error::{SearchError, SearchRebuildError};
pub use follow::follow;
pub use index::SearchIndex;
pub use rebuild::{Counted, RebuiltSearch, rebuild};

/// Name of the projection in the API.
pub const NAME: &str = "search";

/// Alias of the live index.
pub(crate) const ALIAS: &str = "ticketshow-catalogue";

/// Id of the document that holds the position of the index.
pub(crate) const CHECKPOINT: &str = "checkpoint";
