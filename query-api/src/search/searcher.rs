//! The quota of searches.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use ticketshow_http::{ClientAddress, Problem};

use crate::machinery::app::App;

/// A caller within the quota of searches of the address; else 429, before a connection to the read models is taken.
pub struct Searcher;

impl FromRequestParts<App> for Searcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found: Result<ClientAddress, Infallible> = ClientAddress::from_request_parts(parts, app).await;
        let Ok(ClientAddress(address)) = found;
        let edge = &app.parts.edge;
        let searches = &edge.limiters.searches_per_address;
        searches.take(address, edge.now()).map_err(Problem::too_many_requests)?;
        Ok(Self)
    }
}
