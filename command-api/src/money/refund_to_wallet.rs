//! `POST /admin/refunds/{id}/to-wallet`

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    Money, PaymentId,
    payment::{Payment, RefundTarget},
};
use ticketshow_http::{PathId, Problem, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;

use crate::{
    machinery::{app::App, authority::FreshStaff},
    money::refunds::{Directed, DirectedRefund, direct},
};

/// Pays a refund that failed or is in review into the customer's wallet instead. Check the provider's dashboard first:
/// if the provider still refunds the card as well, that money is lost.
///
/// # Errors
///
/// 404; 409 `refund-under-way` if the refund has neither failed nor is in review, `returned-at-provider` (`captured`,
/// `returned`) if the provider has returned money of the payment already.
#[utoipa::path(
    post,
    path = "/admin/refunds/{id}/to-wallet",
    tag = "Administration",
    params(("id" = Uuid, Path, description = "id of the payment to refund")),
    responses(
        (status = 202, description = "the amount goes to the wallet", body = DirectedRefund),
        schema::NotFound,
        (status = 409, description = "`refund-under-way`, `returned-at-provider` (`captured`, `returned`)", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn refund_to_wallet(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(payment): PathId<PaymentId>,
) -> Result<Directed, Problem> {
    let seen = app.state::<Payment>(&payment, Freshness::Fresh).await?;
    if let Some((provider_payment, captured)) = seen.state.captured() {
        let returned = app.routing.returned_at_provider(provider_payment, payment).await?;
        if returned > 0 {
            let returned = Money { amount_minor: returned, ..captured };
            let title =
                "The provider has returned money of this payment: credit the rest to the wallet by hand";
            return Err(Problem::new(StatusCode::CONFLICT, "returned-at-provider", title)
                .with("captured", captured)
                .with("returned", returned));
        }
    }
    direct(&app, app.sent_by(caller.user, &trace), payment, RefundTarget::Wallet).await
}
