//! Headers with which every answer protects the browser that gets it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Set where a handler has not set another value.
const DEFAULTS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    // An answer of the API is not a page: if a browser shows it as one, nothing in it runs.
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// One year, the least that browsers and their lists of sites take seriously.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds the headers to an answer of a site that browsers reach by HTTPS, or not.
pub fn protect(headers: &mut HeaderMap, is_https: bool) {
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}
