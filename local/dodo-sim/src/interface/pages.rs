//! Pages for people: the hosted payment page, and an overview of money and webhooks. Plain HTML without scripts.

mod html;
mod overview;
mod session;

use axum::{Router, routing::get};

use crate::simulator::Simulator;

/// Returns the routes. They require no key: anyone who knows a session's id may pay it, as at the provider.
pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/", get(overview::show))
        .route("/session/{id}", get(session::show).post(session::submit))
}
