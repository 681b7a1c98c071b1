//! The quota of searches, and the permits for them.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use ticketshow_http::{ClientAddress, Problem};
use tokio::sync::OwnedSemaphorePermit;

use crate::machinery::app::App;

/// A caller within the quota of searches of the address, else 429, and one of a few at the same time, else 503: before a
/// connection to the read models is taken.
pub struct Searcher(#[expect(dead_code, reason = "held until the answer is complete")] OwnedSemaphorePermit);

impl FromRequestParts<App> for Searcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found: Result<ClientAddress, Infallible> = ClientAddress::from_request_parts(parts, app).await;
        let Ok(ClientAddress(address)) = found;
        let edge = &app.parts.edge;
        let searches = &edge.limiters.searches_per_address;
        searches.take(address, edge.now()).map_err(Problem::too_many_requests)?;
        app.searches.take().await.map(Self)
    }
}
