//! `POST /admin/refunds/{id}/retry` and `/to-wallet`: for refunds that do not come about by themselves. A refund is known by
//! the payment that goes back.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use ticketshow_domain::{
    PaymentId,
    payment::{Command, Payment, RefundReason, RefundStatus, RefundTarget},
};
use ticketshow_http::{Administrator, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

/// A refund that is under way again.
#[derive(Serialize, ToSchema)]
pub struct DirectedRefund {
    refund_id: Uuid,
    #[schema(value_type = String, example = "wallet")]
    to: RefundTarget,
    #[schema(value_type = String, example = "requested")]
    status: RefundStatus,
}

type Directed = (StatusCode, StreamPosition, Json<DirectedRefund>);

/// Tries a refund that failed or is in review at the provider again. What the provider already has is found, not repeated.
///
/// # Errors
///
/// 404; 409 `refund-under-way` for one that is neither.
#[utoipa::path(
    post,
    path = "/admin/refunds/{id}/retry",
    tag = "Administration",
    params(("id" = Uuid, Path, description = "of the payment that goes back")),
    responses(
        (status = 202, body = DirectedRefund),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`refund-under-way`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_refund(
    State(app): State<App>,
    Administrator(caller): Administrator,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
) -> Result<Directed, Problem> {
    direct(&app, app.sent_by(caller.user, &trace), payment, RefundTarget::Card).await
}

/// Credits the customer's wallet instead, for a refund that failed or is in review. Look at the provider's page first: money
/// that still comes back to the card as well is lost to the house.
///
/// # Errors
///
/// 404; 409 `refund-under-way` for one that is neither.
#[utoipa::path(
    post,
    path = "/admin/refunds/{id}/to-wallet",
    tag = "Administration",
    params(("id" = Uuid, Path, description = "of the payment that goes back")),
    responses(
        (status = 202, body = DirectedRefund),
        (status = 404, description = "`not-found`", body = schema::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`refund-under-way`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn refund_to_wallet(
    State(app): State<App>,
    Administrator(caller): Administrator,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
) -> Result<Directed, Problem> {
    direct(&app, app.sent_by(caller.user, &trace), payment, RefundTarget::Wallet).await
}

async fn direct(
    app: &App,
    metadata: ticketshow_nats::Metadata,
    payment: PaymentId,
    to: RefundTarget,
) -> Result<Directed, Problem> {
    let before = app.state::<Payment>(&payment, ticketshow_nats::Freshness::Fresh).await?;
    // An administrator directs refunds; only what follows from the log asks for them.
    before.state.refund.ok_or_else(Problem::not_found)?;
    let command = Command::RequestRefund { target: to, reason: RefundReason::Decided };
    let refund = |payment: &Payment| payment.refund.as_ref().map(|refund| (refund.target, refund.status));
    let requested = app.execute(&payment, command, metadata, refund).await?;
    match requested.answer {
        Some((target, status)) if requested.changed => {
            let directed = DirectedRefund { refund_id: payment.0, to: target, status };
            Ok((StatusCode::ACCEPTED, StreamPosition(requested.position), Json(directed)))
        }
        Some((target, status)) => Err(Problem::new(
            StatusCode::CONFLICT,
            "refund-under-way",
            "The refund has neither failed nor is it in review",
        )
        .with("refund_status", status)
        .with("to", target)),
        None => Err(Problem::not_found()),
    }
}
