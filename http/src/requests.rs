//! Parts of a request that handlers take, and the layer around every request.

pub mod body;
pub mod form;
pub mod idempotency;
pub mod language;
pub mod place;
pub mod request;
pub mod time_limit;
pub mod unread;
pub mod upload;
mod words;
