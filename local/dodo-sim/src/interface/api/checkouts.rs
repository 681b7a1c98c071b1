//! `/checkouts`: sessions.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use crate::{
    interface::{api::body::Body, wire},
    refusal::Refusal,
    rules::checking_out::CheckoutRequest,
    simulator::Simulator,
    state::ids::mint,
};

/// Opens a session. Not idempotent: a repeated call opens a second one.
///
/// # Errors
///
/// 422.
pub async fn open(
    State(simulator): State<Simulator>,
    Body(request): Body<CheckoutRequest>,
) -> Result<Json<Value>, Refusal> {
    let session = simulator.change(|world| world.open_session(request))?;
    let (id, origin) = (&session.session_id, simulator.settings().origin.trim_end_matches('/'));
    // Only a confirmed session has them, because its payment exists already.
    let secrets = session.payment_id.as_ref().map(|_| (mint("cs"), "pk_simulator"));
    Ok(Json(json!({
        "session_id": id, "checkout_url": format!("{origin}/session/{id}"), "payment_id": session.payment_id,
        "client_secret": secrets.as_ref().map(|(secret, _)| secret),
        "publishable_key": secrets.as_ref().map(|(_, key)| key),
    })))
}

/// Returns the cost of a cart.
///
/// # Errors
///
/// 422.
pub async fn preview(
    State(simulator): State<Simulator>,
    Body(request): Body<CheckoutRequest>,
) -> Result<Json<Value>, Refusal> {
    let quote = simulator.world().quote(&request)?;
    let total: i64 = quote.lines.iter().map(|line| line.amount).sum();
    let tax: i64 = quote.lines.iter().map(|line| line.tax).sum();
    let cart = quote.lines.iter().map(|line| {
        json!({
            "product_id": line.product_id, "name": line.name, "quantity": line.quantity, "currency": quote.currency,
            "og_price": line.amount, "discounted_price": line.amount, "tax": line.tax,
        })
    });
    Ok(Json(json!({
        "product_cart": cart.collect::<Vec<_>>(), "currency": quote.currency, "total_price": total, "total_tax": tax,
        "current_breakup": {"subtotal": total - tax, "discount": 0, "tax": tax, "total_amount": total},
        "billing_country": if quote.currency == "INR" { "IN" } else { "US" },
        "is_byop": false, "payment_method_required": true,
    })))
}

/// Returns the status of a session.
///
/// # Errors
///
/// 404.
pub async fn show(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let session = world.book.session(&id).ok_or_else(|| Refusal::not_found("Checkout session"))?;
    Ok(Json(wire::session(&world.book, session)))
}
