//! `POST /webhooks/dodo`: webhooks of the payment provider. They are verified and stored; the sagas process them.

use std::{fmt, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};
use ticketshow_http::{Problem, RawBody, schema};

use crate::machinery::{app::App, failures::failed};

/// Key that the provider signs its webhooks with.
#[derive(Clone)]
pub struct NoticeKey(Arc<Webhook>);

impl fmt::Debug for NoticeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoticeKey")
    }
}

/// A text that is not a webhook key.
#[derive(Debug, thiserror::Error)]
#[error("the key must be `whsec_` and base64")]
pub struct NotANoticeKey;

impl NoticeKey {
    /// Reads a key as the provider writes it: `whsec_…`.
    ///
    /// # Errors
    ///
    /// [`NotANoticeKey`].
    pub fn new(key: &str) -> Result<Self, NotANoticeKey> {
        Webhook::new(key).map(|key| Self(Arc::new(key))).map_err(|_| NotANoticeKey)
    }
}

/// Stores a webhook signed according to Standard Webhooks and at most five minutes old. A repeat is stored once.
///
/// # Errors
///
/// 401 if the signature is invalid or too old, 404 if cards are not accepted, 503 if the webhook cannot be
/// stored and must be sent again.
#[utoipa::path(
    post,
    path = "/webhooks/dodo",
    tag = "Booking and money",
    request_body(content = String, content_type = "application/json", description = "as the provider sends it"),
    params(
        ("webhook-id" = String, Header),
        ("webhook-timestamp" = String, Header, description = "seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,<base64>`, several separated by spaces"),
    ),
    responses(
        (status = 200, description = "stored, now or before"),
        (status = 401, description = "`unauthorized`: forged or stale", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: cards are not accepted", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
    )
)]
pub async fn receive_notice(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    let NoticeKey(key) = app.notices.as_ref().ok_or_else(Problem::not_found)?;
    if let Err(error) = key.verify(&body, &headers) {
        tracing::warn!(%error, "a webhook was rejected");
        return Err(Problem::unauthorized());
    }
    let id = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    app.webhooks.keep("dodo", id, body).await.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::OK)
}
