//! Idempotent calls: the id of what a call creates is derived from its Idempotency-Key, so that a repeat creates
//! nothing and no table of keys is needed.

use std::fmt::Display;

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::request::Parts,
};
use serde::Serialize;
use ticketshow_domain::Fingerprint;
use uuid::{Uuid, uuid};

use crate::{Keys, Problem};

/// UUID namespace of the ids derived from Idempotency-Keys. Must never change.
const NAMESPACE: Uuid = uuid!("6b1f9f2e-54a5-4d0c-9d1e-0b7a4f5c8e21");

/// Mints the ids of a call that creates something.
///
/// With an `Idempotency-Key` (1 to 128 visible ASCII characters, else 400) the same caller, route, aggregate and key
/// always get the same id, and the body leaves a fingerprint. Without one every call gets a fresh id and no
/// fingerprint.
#[derive(Debug, Clone)]
pub struct RequestIds {
    key: Option<String>,
    route: MatchedPath,
}

impl RequestIds {
    /// Returns the key of the call, and chooses one if the client sent none: an answer can name it to make a repeat safe.
    pub fn choose_key(&mut self, fresh: fn() -> Uuid) -> String {
        self.key.get_or_insert_with(|| fresh().to_string()).clone()
    }

    /// The id of what the call creates. `caller` is the user (or the account, before sign-in), `aggregate` the deciding
    /// aggregate.
    pub fn id(&self, caller: impl Display, aggregate: impl Display, fresh: fn() -> Uuid) -> Uuid {
        let Some(key) = &self.key else { return fresh() };
        Self::id_of(caller, self.route.as_str(), aggregate, key)
    }

    /// The id that a call of `route` with this key has.
    pub fn id_of(caller: impl Display, route: &str, aggregate: impl Display, key: impl Display) -> Uuid {
        // No part contains a line break, so different calls have different names.
        let name = format!("{caller}\n{route}\n{aggregate}\n{key}");
        Uuid::new_v5(&NAMESPACE, name.as_bytes())
    }

    /// The same for an id whose beginning people read: its first bits are random, also without a key. A fresh id begins with the
    /// time.
    pub fn scattered_id(&self, caller: impl Display, aggregate: impl Display, fresh: fn() -> Uuid) -> Uuid {
        match &self.key {
            Some(_) => self.id(caller, aggregate, fresh),
            None => Uuid::new_v5(&NAMESPACE, fresh().as_bytes()),
        }
    }

    /// Fingerprint of the body, to distinguish a repeat from a reuse of the key.
    pub fn fingerprint(&self, keys: &Keys, body: &impl Serialize) -> Option<Fingerprint> {
        self.key.as_ref().map(|_| keys.fingerprint(body))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let key = parts.headers.get("idempotency-key").map(|value| {
            let key = value.as_bytes();
            let visible = (1..=128).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
            // Visible ASCII is UTF-8.
            visible
                .then(|| String::from_utf8_lossy(key).into_owned())
                .ok_or_else(|| Problem::malformed("an Idempotency-Key has 1 to 128 visible ASCII characters"))
        });
        let route = parts.extensions.get::<MatchedPath>().cloned().ok_or_else(Problem::internal)?;
        Ok(Self { key: key.transpose()?, route })
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request, routing::post};
    use tower::ServiceExt;

    use super::*;

    fn fresh() -> Uuid {
        Uuid::nil()
    }

    async fn id(path: &str, key: Option<&str>) -> (u16, String) {
        let app = Router::new()
            .route("/a/{id}", post(async |ids: RequestIds| ids.id("ada", "hall", fresh).to_string()))
            .route("/b/{id}", post(async |ids: RequestIds| ids.id("ada", "hall", fresh).to_string()));
        let mut request = Request::post(path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_same_key_on_the_same_route_gives_the_same_id() {
        assert_eq!(
            id("/a/1", Some("k")).await,
            id("/a/2", Some("k")).await,
            "the template of the route counts"
        );
        assert_ne!(id("/a/1", Some("k")).await, id("/b/1", Some("k")).await);
        assert_ne!(id("/a/1", Some("k")).await, id("/a/1", Some("l")).await);
        assert_eq!(id("/a/1", None).await, (200, Uuid::nil().to_string()));
    }

    #[tokio::test]
    async fn a_chosen_key_gives_the_id_of_the_call_that_chose_it() {
        let app = Router::new().route(
            "/a/{id}",
            post(async |mut ids: RequestIds| {
                ids.choose_key(fresh) + " " + &ids.id("ada", "hall", fresh).to_string()
            }),
        );
        let chosen = app.oneshot(Request::post("/a/1").body(Body::empty()).unwrap()).await.unwrap();
        let bytes = axum::body::to_bytes(chosen.into_body(), usize::MAX).await.unwrap();
        let chosen = String::from_utf8(bytes.to_vec()).unwrap();
        let (key, chosen_id) = chosen.split_once(' ').unwrap();
        assert_eq!(id("/a/1", Some(key)).await, (200, chosen_id.to_owned()));
    }

    #[tokio::test]
    async fn a_scattered_id_does_not_begin_with_the_time() {
        let scattered = async |key: Option<&str>| {
            let handler = async |ids: RequestIds| ids.scattered_id("ada", "hall", fresh).to_string();
            let mut request = Request::post("/a/1");
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            let app = Router::new().route("/a/{id}", post(handler));
            let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let beginning = fresh().to_string()[..8].to_owned();
        assert!(!scattered(None).await.starts_with(&beginning));
        assert_eq!(scattered(Some("k")).await, id("/a/1", Some("k")).await.1);
    }

    /// Ids are permanent in the log: a repeat after an upgrade must find them.
    #[tokio::test]
    async fn the_derivation_of_ids_is_frozen() {
        assert_eq!(id("/a/1", Some("k")).await.1, "322f77e2-4bda-5822-b137-e9663034d6c8");
    }

    #[tokio::test]
    async fn a_key_has_1_to_128_visible_characters() {
        assert_eq!(id("/a/1", Some(&"k".repeat(128))).await.0, 200);
        for wrong in ["", " ", "a b", "ü", &"k".repeat(129)] {
            assert_eq!(id("/a/1", Some(wrong)).await.0, 400, "{wrong}");
        }
    }
}
