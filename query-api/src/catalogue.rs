//! Answers that browsers may keep and ask about with `If-None-Match`.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use ticketshow_http::{ETag, IfNoneMatch};
use utoipa::IntoResponses;

/// The answer, or 304 for a caller who has it.
pub fn kept(known: &IfNoneMatch, answer: &impl Serialize) -> Response {
    let json = serde_json::to_vec(answer).expect("answers have string keys, so they have a JSON form");
    ETag::of_bytes(&json).answer(known, || json_bytes(json))
}

/// A JSON body that is written already.
pub fn json_bytes(json: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json.into()).into_response()
}

/// What a call whose answers may be kept may answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
pub enum KeptCall {
    /// The caller has it already.
    #[response(status = 304)]
    NotModified,
}

/// What a call for one thing may answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "for the document only")]
pub enum CallForOne {
    /// `not-found`: it is not there, or not yours.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ticketshow_http::schema::Problem),
}
