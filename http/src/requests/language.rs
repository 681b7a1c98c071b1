//! The language that a caller reads.

use axum::http::{HeaderMap, header};
use ticketshow_domain::Language;

/// Returns the first language of the `Accept-Language` header that mails and files are written in. Browsers list the languages in the
/// order of their weights.
#[must_use]
pub fn accepted_language(headers: &HeaderMap) -> Option<Language> {
    let wished =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wished.split(',').map(|wish| wish.split(';').next().unwrap_or_default().trim());
    tags.find_map(Language::of_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_a_caller_is_found() {
        let of = |wished: &'static str| {
            accepted_language(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, wished.parse().unwrap())]))
        };
        assert_eq!(of("hi-IN,en;q=0.5"), Some(Language::Hi));
        assert_eq!(of("ta, en-IN;q=0.8, hi;q=0.5"), Some(Language::En));
        assert_eq!([of("fr"), of(""), accepted_language(&HeaderMap::new())], [None; 3]);
    }
}
