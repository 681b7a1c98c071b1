//! Extractors for ids in the path and parameters in the query.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{Problem, requests::words::in_plain_words};

/// The ids in the path: one, or a tuple of them in order. An invalid id is 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(id))
    }
}

/// The query as a `T`. 422 for an invalid value; the pointer names the parameter.
#[derive(Debug, Clone, Copy)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let pointer = if path == "." { String::new() } else { format!("/{path}") };
            Problem::invalid_value(pointer, in_plain_words(&error.inner().to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request, response::Response, routing::get};
    use serde::Deserialize;
    use serde_json::Value;
    use ticketshow_domain::ScreeningId;
    use tower::ServiceExt;

    use super::*;

    #[derive(Deserialize)]
    struct Page {
        limit: Option<u8>,
    }

    async fn call(path: &str) -> Response {
        let app = Router::new()
            .route("/screenings/{id}", get(async |PathId(id): PathId<ScreeningId>| id.to_string()))
            .route(
                "/history/{of}/{id}",
                get(async |PathId((of, id)): PathId<(String, ScreeningId)>| format!("{of}{id}")),
            )
            .route("/list", get(async |Params(Page { limit }): Params<Page>| format!("{limit:?}")));
        app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn an_invalid_id_is_not_found() {
        let id = "0190aaaa-0000-7000-8000-000000000001";
        assert_eq!(call(&format!("/screenings/{id}")).await.status(), 200);
        assert_eq!(call(&format!("/history/show/{id}")).await.status(), 200);
        for path in ["/screenings/7", "/screenings/%ff", "/screenings/a%2Fb", "/history/show/x"] {
            assert_eq!(call(path).await.status(), 404, "{path}");
        }
    }

    #[tokio::test]
    async fn a_wrong_parameter_is_422_with_a_pointer() {
        assert_eq!(call("/list").await.status(), 200);
        assert_eq!(call("/list?limit=5&other=1").await.status(), 200);
        let response = call("/list?limit=many").await;
        assert_eq!(response.status(), 422);
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let problem: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(problem["errors"][0]["pointer"], "/limit");
    }
}
