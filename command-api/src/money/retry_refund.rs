//! `POST /admin/refunds/{id}/retry`

use axum::extract::State;
use ticketshow_domain::{PaymentId, payment::RefundTarget};
use ticketshow_http::{PathId, Problem, Trace, schema};

use crate::{
    machinery::{app::App, authority::FreshStaff},
    money::refunds::{Directed, DirectedRefund, direct},
};

/// Retries a refund to the card that failed, is in review, or made an attempt an hour ago whose outcome is unknown. A refund
/// the provider already has is found and not repeated.
///
/// # Errors
///
/// 404; 409 `refund-under-way` if the refund may still complete by itself.
#[utoipa::path(
    post,
    path = "/admin/refunds/{id}/retry",
    tag = "Administration",
    params(("id" = Uuid, Path, description = "id of the payment to refund")),
    responses(
        (status = 202, description = "the refund was requested again", body = DirectedRefund),
        schema::NotFound,
        (status = 409, description = "`refund-under-way`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn retry_refund(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
) -> Result<Directed, Problem> {
    direct(&app, app.sent_by(caller.user, &trace), payment, RefundTarget::Card).await
}
