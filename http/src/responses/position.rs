//! Read your own writes: commands answer with the position they reached, and queries wait for it.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};

use crate::Problem;

/// Response header of every command: the position of the last commit that the answer reflects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPosition(pub u64);

impl StreamPosition {
    /// Name of the header.
    pub const HEADER: HeaderName = HeaderName::from_static("stream-position");
}

impl IntoResponseParts for StreamPosition {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        response.headers_mut().insert(Self::HEADER, HeaderValue::from(self.0));
        Ok(response)
    }
}

impl IntoResponse for StreamPosition {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Request header of any query: the position that the answer must include. `None` without the header; 400 if it is not
/// a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinPosition(pub Option<u64>);

impl<S: Sync> FromRequestParts<S> for MinPosition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("min-position") else { return Ok(Self(None)) };
        let position = value.to_str().ok().and_then(|value| value.parse().ok());
        position
            .map(|position| Self(Some(position)))
            .ok_or_else(|| Problem::malformed("Min-Position must be a whole number"))
    }
}
