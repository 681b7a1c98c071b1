//! `POST /admin/refunds/{id}/to-wallet`

use axum::extract::State;
use ticketshow_domain::{PaymentId, payment::RefundTarget};
use ticketshow_http::{PathId, Problem, Trace, schema};

use crate::{
    machinery::{app::App, authority::FreshAdministrator},
    money::refunds::{Directed, DirectedRefund, direct},
};

/// Pays a refund that failed or is in review into the customer's wallet instead. Check the provider's dashboard first:
/// if the provider still refunds the card as well, that money is lost.
///
/// # Errors
///
/// 404; 409 `refund-under-way` if the refund has neither failed nor is in review.
#[utoipa::path(
    post,
    path = "/admin/refunds/{id}/to-wallet",
    tag = "Administration",
    params(("id" = Uuid, Path, description = "id of the payment to refund")),
    responses(
        (status = 202, description = "the amount goes to the wallet", body = DirectedRefund),
        schema::NotFound,
        (status = 409, description = "`refund-under-way`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn refund_to_wallet(
    State(app): State<App>,
    FreshAdministrator(caller): FreshAdministrator,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
) -> Result<Directed, Problem> {
    direct(&app, app.sent_by(caller.user, &trace), payment, RefundTarget::Wallet).await
}
