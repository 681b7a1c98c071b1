//! RFC 9457 problem documents: every answer that is not a success has one as its body.

use std::{borrow::Cow, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use ticketshow_domain::{Flaw, Flaws};

/// Slug of the problem in a response, for the layers around the handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slug(pub &'static str);

/// The reason why a call failed, for people and programs.
///
/// `type` is `/problems/<slug>` and stable; `title` belongs to the slug; `detail` describes this occurrence and is set
/// for refusals only, so that nothing internal leaves the process.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    slug: &'static str,
    title: Cow<'static, str>,
    detail: Option<String>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of the type `slug`.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        let (detail, members, headers) = (None, Map::new(), Vec::new());
        Self(Box::new(Parts { status, slug, title: title.into(), detail, members, headers }))
    }

    /// Describes this occurrence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds an extension member. A value that cannot be serialised is omitted.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.members.insert(member.to_owned(), value);
        }
        self
    }

    /// Returns an extension member; `None` if there is none of this form.
    #[must_use]
    pub fn member<T: DeserializeOwned>(&self, member: &str) -> Option<T> {
        serde_json::from_value(self.0.members.get(member)?.clone()).ok()
    }

    /// Adds a response header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Adds `Retry-After`, in whole seconds, rounded up, at least one.
    #[must_use]
    pub fn retry_after(self, after: Duration) -> Self {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The last part of `type`.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.0.slug
    }

    /// Describes this occurrence, or else the type.
    #[must_use]
    pub fn words(&self) -> &str {
        self.0.detail.as_deref().unwrap_or(&self.0.title)
    }

    /// 400: the request cannot be parsed.
    #[must_use]
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "The request cannot be read").detail(detail)
    }

    /// 401: no valid token.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "A valid bearer token is needed")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: signed in, but not allowed.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this")
    }

    /// 403: the caller has to prove again who they are.
    #[must_use]
    pub fn confirmation_needed() -> Self {
        let title = "Please confirm with your password or a code that it is you";
        Self::new(StatusCode::FORBIDDEN, "confirmation-needed", title)
    }

    /// 403: the account may do this with a second factor only.
    #[must_use]
    pub fn second_factor_missing() -> Self {
        let title = "Please set up a second factor for your account first";
        Self::new(StatusCode::FORBIDDEN, "second-factor-missing", title)
    }

    /// 404: does not exist, or the caller may not know of it.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found")
    }

    /// 405: the path exists, but not with this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This path does not support this method",
        )
    }

    /// 408: the body did not arrive in time. Nothing was done.
    #[must_use]
    pub fn body_too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "The body took too long to arrive")
    }

    /// 413: larger than the limit.
    #[must_use]
    pub fn too_large(bytes_max: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large")
            .detail(format!("the limit is {bytes_max} bytes"))
    }

    /// 415: the content type is not supported.
    #[must_use]
    pub fn unsupported_media_type(expected: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The content type of the body is not supported",
        )
        .detail(format!("expected {expected}"))
    }

    /// 422: some values are invalid. All of them are reported at once.
    #[must_use]
    pub fn invalid(flaws: &Flaws) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some values are invalid")
            .with("errors", &flaws.0)
    }

    /// 422: one value is invalid.
    #[must_use]
    pub fn invalid_value(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(&Flaws(vec![Flaw { pointer: pointer.into(), message: message.into() }]))
    }

    /// 429: over the quota.
    #[must_use]
    pub fn too_many_requests(after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests, try again later")
            .retry_after(after)
    }

    /// 500: a bug. The cause is in the log, never in the answer.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error")
    }

    /// 503: a dependency is unreachable.
    #[must_use]
    pub fn unavailable(after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable, try again")
            .retry_after(after)
    }

    /// 503: the read model did not reach the requested position in time.
    #[must_use]
    pub fn read_model_behind() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "read-model-behind",
            "The data is not up to date yet, try again",
        )
        .retry_after(Duration::from_secs(1))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Parts { status, slug, title, detail, mut members, headers } = *self.0;
        members.insert("type".to_owned(), json!(format!("/problems/{slug}")));
        members.insert("title".to_owned(), json!(title));
        members.insert("status".to_owned(), json!(status.as_u16()));
        if let Some(detail) = detail {
            members.insert("detail".to_owned(), json!(detail));
        }
        let body = Value::Object(members).to_string();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        response.headers_mut().extend(headers);
        response.extensions_mut().insert(Slug(slug));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(problem: Problem) -> Value {
        let bytes = axum::body::to_bytes(problem.into_response().into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_problem_has_its_type_title_status_detail_and_members() {
        let taken = Problem::new(StatusCode::CONFLICT, "seat-taken", "Seats are taken")
            .detail("taken: A-1")
            .with("seats", ["A-1"]);

        assert_eq!(
            body(taken).await,
            json!({
                "type": "/problems/seat-taken",
                "title": "Seats are taken",
                "status": 409,
                "detail": "taken: A-1",
                "seats": ["A-1"],
            })
        );
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds_and_never_zero() {
        for (after, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2")] {
            let response = Problem::unavailable(Duration::from_millis(after)).into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], seconds);
        }
    }

    #[test]
    fn a_problem_has_its_content_type_and_names_the_scheme_for_a_missing_token() {
        let response = Problem::unauthorized().into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
