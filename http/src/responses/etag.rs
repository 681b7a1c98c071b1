//! Entity tags: a browser is not sent a state that it already has.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::identity::secret::hex;

/// The tag of one state of a resource, strong (RFC 9110, 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a resource that changes only with the position of the log.
    #[must_use]
    pub fn of_position(position: u64) -> Self {
        Self(format!("\"{position}\""))
    }

    /// The tag of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(format!("\"{}\"", hex(&Sha256::digest(bytes)[..16])))
    }

    /// Answers with this tag: 304 if the client has this state, else `body`. Browsers may cache it but must revalidate.
    pub fn answer<R: IntoResponse>(&self, known: &IfNoneMatch, body: impl FnOnce() -> R) -> Response {
        let mut response = if known.contains(self) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            body().into_response()
        };
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// Tags of the states that the client has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Option<HeaderValue>);

impl IfNoneMatch {
    fn contains(&self, state: &ETag) -> bool {
        let Some(known) = self.0.as_ref().and_then(|value| value.to_str().ok()) else { return false };
        known.split(',').map(str::trim).any(|known| {
            // Weak comparison: compressing proxies turn a strong tag into a weak one.
            known == "*" || known.strip_prefix("W/").unwrap_or(known) == state.0
        })
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(header::IF_NONE_MATCH).cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(known: &'static str) -> u16 {
        let known = IfNoneMatch(Some(HeaderValue::from_static(known)));
        ETag::of_position(7).answer(&known, || "body").status().as_u16()
    }

    #[test]
    fn a_known_state_is_not_sent_again() {
        assert_eq!(["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"].map(status), [304; 4]);
        assert_eq!(["\"6\"", "7", ""].map(status), [200; 3]);
    }

    #[test]
    fn every_answer_has_its_tag() {
        let fresh = ETag::of_bytes(b"map").answer(&IfNoneMatch::default(), || "map");
        assert_eq!(fresh.headers()[header::ETAG].to_str().unwrap().len(), 34);
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], "no-cache");
    }
}
