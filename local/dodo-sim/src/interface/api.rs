//! The provider's API, which the merchant's server calls.

mod body;
mod checkouts;
mod disputes;
mod listing;
mod payments;
mod products;
mod refunds;

use axum::{
    Router,
    http::Uri,
    middleware,
    routing::{get, post},
};

use crate::{interface::middleware as checks, refusal::Refusal, simulator::Simulator};

/// Returns the routes, all behind the checks of `middleware.rs`.
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
        .route("/disputes", get(disputes::list))
        .route("/disputes/{id}", get(disputes::show))
        .method_not_allowed_fallback(async || Refusal::method())
        .layer(middleware::from_fn_with_state(simulator.clone(), checks::check))
}

/// Answers any other path.
pub async fn unknown(uri: Uri) -> Refusal {
    Refusal::not_found(uri.path())
}
