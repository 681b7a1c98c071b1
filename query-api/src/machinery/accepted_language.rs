//! The language that a caller reads.

use axum::http::{HeaderMap, header};
use ticketshow_domain::Language;

/// Returns the first language of the `Accept-Language` header that files are written in. Browsers list the languages in the order of
/// their weights.
pub fn accepted_language(headers: &HeaderMap) -> Language {
    let wished =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wished.split(',').map(|wish| wish.split(';').next().unwrap_or_default().trim());
    tags.find_map(Language::of_tag).unwrap_or_default()
}
