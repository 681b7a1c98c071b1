//! The search index in `OpenSearch`: shows and venues as the read models have them, followed by [`follow`] and built anew by
//! [`rebuild`]. It follows the tables and not the log, so that it can never know more than they do.
//!
//! Where it is, and how it is read, is also known to the query API: the alias [`ALIAS`], the document [`CHECKPOINT`], and the
//! fields of `search/catalogue.json`.

mod documents;
mod error;
mod follow;
mod index;
mod rebuild;

pub use error::{SearchError, SearchRebuildError};
pub use follow::follow;
pub use index::SearchIndex;
pub use rebuild::{Counted, RebuiltSearch, rebuild};

/// The projection's name, as the API calls it.
pub const NAME: &str = "search";

/// The name under which the index is read.
pub(crate) const ALIAS: &str = "ticketshow-catalogue";

/// The id of the document that tells how far the index is.
pub(crate) const CHECKPOINT: &str = "checkpoint";
