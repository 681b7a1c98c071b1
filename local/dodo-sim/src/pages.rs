//! What people see: the hosted payment page, and an overview of what happened. Plain HTML, no script.

mod html;
mod overview;
mod session;

use axum::Router;
use axum::routing::get;

use crate::simulator::Simulator;

/// Their routes. They need no key: whoever knows a session's id may pay it, as at the provider.
pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/", get(overview::show))
        .route("/session/{id}", get(session::show).post(session::submit))
}
