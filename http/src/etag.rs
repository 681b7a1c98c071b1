//! Not sending again what the browser has.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::secret::hex;

/// The name of one state of a resource, strong (RFC 9110, 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// Of a resource that changes with a position of the log only.
    #[must_use]
    pub fn of_position(position: u64) -> Self {
        Self(format!("\"{position}\""))
    }

    /// Of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(format!("\"{}\"", hex(&Sha256::digest(bytes)[..16])))
    }

    /// The answer under this name: `body` is made only for those who do not have it yet; they get 304.
    /// Browsers may keep it but have to ask each time.
    pub fn answer<R: IntoResponse>(&self, known: &IfNoneMatch, body: impl FnOnce() -> R) -> Response {
        let mut response =
            if known.names(self) { StatusCode::NOT_MODIFIED.into_response() } else { body().into_response() };
        if let Ok(name) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, name);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// The states that the caller has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Option<HeaderValue>);

impl IfNoneMatch {
    fn names(&self, state: &ETag) -> bool {
        let Some(known) = self.0.as_ref().and_then(|value| value.to_str().ok()) else { return false };
        known.split(',').map(str::trim).any(|known| {
            // The comparison is the weak one: proxies that compress turn a strong name into a weak one.
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
    fn what_is_known_is_not_sent_again() {
        assert_eq!(["\"7\"", "W/\"7\"", "\"6\", \"7\"", "*"].map(status), [304; 4]);
        assert_eq!(["\"6\"", "7", ""].map(status), [200; 3]);
    }

    #[test]
    fn the_name_is_told_either_way() {
        let fresh = ETag::of_bytes(b"map").answer(&IfNoneMatch::default(), || "map");
        assert_eq!(fresh.headers()[header::ETAG].to_str().unwrap().len(), 34);
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], "no-cache");
    }
}
