//! Code shared by retrying a refund and redirecting it to the wallet.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    PaymentId,
    payment::{Command, Payment, RefundReason, RefundStatus, RefundTarget},
};
use ticketshow_http::{Problem, StreamPosition};
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::app::App;

/// A refund that is in progress again.
#[derive(Serialize, ToSchema)]
pub struct DirectedRefund {
    refund_id: Uuid,
    #[schema(value_type = String, example = "wallet")]
    to: RefundTarget,
    #[schema(value_type = String, example = "requested")]
    status: RefundStatus,
}

/// Answer of an endpoint that directs a refund.
pub type Directed = (StatusCode, StreamPosition, Json<DirectedRefund>);

/// Requests a refund again, to `target`.
///
/// # Errors
///
/// 404 without a refund; 409 `refund-under-way` for one that may still complete by itself.
pub async fn direct(
    app: &App,
    metadata: Metadata,
    payment: PaymentId,
    target: RefundTarget,
) -> Result<Directed, Problem> {
    let before = app.state::<Payment>(&payment, Freshness::Fresh).await?;
    // Administrators redirect refunds; only the sagas start them.
    before.state.refund().ok_or_else(Problem::not_found)?;
    let command = Command::RequestRefund { target, reason: RefundReason::Decided };
    let refund = |payment: &Payment| payment.refund().map(|refund| (refund.target, refund.status));
    let requested = app.execute(&payment, command, metadata, refund).await?;
    let (to, status) = requested.answer.ok_or_else(Problem::not_found)?;
    if !requested.changed {
        return Err(under_way().with("refund_status", status).with("to", to));
    }
    let directed = DirectedRefund { refund_id: payment.0, to, status };
    Ok((StatusCode::ACCEPTED, StreamPosition(requested.position), Json(directed)))
}

fn under_way() -> Problem {
    let title = "The refund is under way and may still complete by itself";
    Problem::new(StatusCode::CONFLICT, "refund-under-way", title)
}
