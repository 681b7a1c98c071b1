//! `POST /admin/payments/{id}/decision`: for payments that arrived with an amount or currency other than requested.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    PaymentId,
    payment::{Command, Payment, PaymentStatus, ReviewDecision},
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, authority::FreshStaff};

/// Decision about the money of a payment in review.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `accept` keeps the payment as it is, `refund` returns it.
    #[schema(value_type = String, example = "accept")]
    decision: ReviewDecision,
}

/// The payment after the decision.
#[derive(Serialize, ToSchema)]
pub struct DecidedPayment {
    payment_id: Uuid,
    #[schema(value_type = String, example = "captured")]
    status: PaymentStatus,
}

/// Resolves a payment in review.
///
/// # Errors
///
/// 404; 409 `not-in-review`.
#[utoipa::path(
    post,
    path = "/admin/payments/{id}/decision",
    tag = "Administration",
    request_body = Decision,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = DecidedPayment),
        schema::NotFound,
        (status = 409, description = "`not-in-review`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn decide_payment(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
    Body(Decision { decision }): Body<Decision>,
) -> Result<(StreamPosition, Json<DecidedPayment>), Problem> {
    let command = Command::DecideReview { decision, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let decided = app.execute(&payment, command, metadata, |payment: &Payment| payment.status()).await?;
    let answer = DecidedPayment { payment_id: payment.0, status: decided.answer };
    Ok((StreamPosition(decided.position), Json(answer)))
}
