//! The provider's API: what the merchant's server calls.

mod body;
mod checkouts;
mod disputes;
mod listing;
mod payments;
mod products;
mod refunds;

use axum::Router;
use axum::http::Uri;
use axum::middleware;
use axum::routing::{get, post};

use crate::door;
use crate::refusal::Refusal;
use crate::simulator::Simulator;

/// Its routes, each behind the door.
pub fn router(simulator: &Simulator) -> Router<Simulator> {
    Router::new()
        .route("/checkouts", post(checkouts::open))
        .route("/checkouts/preview", post(checkouts::preview))
        .route("/checkouts/{id}", get(checkouts::show))
        .route("/payments", get(payments::list))
        .route("/payments/{id}", get(payments::show))
        .route("/payments/{id}/line-items", get(payments::line_items))
        .route("/refunds", get(refunds::list).post(refunds::request))
        .route("/refunds/{id}", get(refunds::show))
        .route("/products", get(products::list).post(products::create))
        .route("/products/{id}", get(products::show))
        .route("/disputes/{id}", get(disputes::show))
        .method_not_allowed_fallback(async || Refusal::method())
        .layer(middleware::from_fn_with_state(simulator.clone(), door::pass))
}

/// Anything else.
pub async fn unknown(uri: Uri) -> Refusal {
    Refusal::not_found(uri.path())
}
