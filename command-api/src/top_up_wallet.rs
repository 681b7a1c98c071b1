//! `POST /wallet/top-ups`: money for the wallet, by card.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, PaymentId,
    payment::{Command, Payment, Purpose},
};
use ticketshow_http::{Body, Caller, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, checkouts::Checkout, refusals::provider_unavailable};

/// How long a page to pay at is waited for. Source: the REST surface.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How much.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopUp {
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// A top-up that waits to be paid.
#[derive(Serialize, ToSchema)]
pub struct OpenTopUp {
    payment_id: Uuid,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Where to pay; none if the page is not open yet: `GET /payments/{id}` tells it then.
    checkout_url: Option<String>,
}

/// Opens a page where the caller can pay money into the wallet.
///
/// # Errors
///
/// 422 for an amount out of range, `wrong-currency`; 503 `payment-provider-unavailable`.
#[utoipa::path(
    post,
    path = "/wallet/top-ups",
    tag = "Booking and money",
    request_body = NewTopUp,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = OpenTopUp),
        (status = 202, description = "no page within 10 s", body = OpenTopUp),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn top_up_wallet(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewTopUp>,
) -> Result<(StatusCode, StreamPosition, Json<OpenTopUp>), Problem> {
    let amount = body.amount;
    app.check_currency(amount.currency)?;
    let policy = app.executor.policy();
    let (least, most) = (policy.top_up_min_minor, policy.top_up_max_minor);
    if !(least..=most).contains(&amount.amount_minor) {
        let wrong = format!("must be {least} to {most}");
        return Err(Problem::invalid_value("/amount/amount_minor", wrong));
    }
    app.notices.as_ref().ok_or_else(provider_unavailable)?;
    let payment = PaymentId(ids.id(caller.user, "top-up", app.edge.new_id));
    let command = Command::RequestPayment {
        payment,
        customer: caller.user,
        purpose: Purpose::TopUp,
        amount,
        fingerprint: ids.fingerprint(&app.edge.keys, &body),
    };
    // Listening begins before there can be anything to hear.
    let mut page = app.checkouts.listen(payment);
    let metadata = app.sent_by(caller.user, &trace);
    let requested = app.execute(&payment, command, metadata, |_: &Payment| ()).await?;
    let Checkout { url, position } = page.wait(&app, payment, requested.position, PATIENCE).await?;
    let status = if url.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let open = OpenTopUp { payment_id: payment.0, amount, checkout_url: url };
    Ok((status, StreamPosition(position), Json(open)))
}
