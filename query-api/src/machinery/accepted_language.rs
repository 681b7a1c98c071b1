//! The language of files.

use axum::http::HeaderMap;
use ticketshow_domain::Language;

/// Returns the language in which a caller reads files; English if the caller names none of ours.
pub fn accepted_language(headers: &HeaderMap) -> Language {
    ticketshow_http::accepted_language(headers).unwrap_or_default()
}
