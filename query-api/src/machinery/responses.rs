//! Responses that several endpoints share, and their entries in the OpenAPI document.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use ticketshow_http::{ETag, IfNoneMatch};
use utoipa::IntoResponses;

/// A cacheable JSON response; 304 if the caller already has this version.
pub fn cached(known: &IfNoneMatch, answer: &impl Serialize) -> Response {
    let json = serde_json::to_vec(answer).expect("answers have string keys, so they have a JSON form");
    ETag::of_bytes(&json).answer(known, || json_bytes(json))
}

/// Lets scripts of other sites read an answer that is the same for everybody, as the widget does (`web/src/widget`). Browsers send no
/// cookies and no token for it: both would need a permission that no answer gives.
pub fn for_other_sites(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
    answer
}

/// A JSON response whose body is already encoded.
pub fn json_bytes(json: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json.into()).into_response()
}

/// Additional responses of cacheable endpoints.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
pub enum CachedCall {
    /// Unchanged since the version named by `If-None-Match`.
    #[response(status = 304)]
    NotModified,
}

/// Additional responses of endpoints that return one thing.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
pub enum CallForOne {
    /// `not-found`: does not exist, or is not yours.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ticketshow_http::schema::Problem),
}
