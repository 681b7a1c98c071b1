//! Extractor of JSON bodies, with the provider's error responses.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header::CONTENT_TYPE,
};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// A parsed body, like axum's `Json`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Refusal::media_type());
        }
        let bytes =
            Bytes::from_request(request, state).await.map_err(|error| Refusal::body(error.to_string()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Refusal::body(error.to_string()))
    }
}
