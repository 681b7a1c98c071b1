//! `POST /wallet/top-ups`: pays money into the wallet by card.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money, PaymentId,
    payment::{Command, Payment, Purpose},
};
use ticketshow_http::{Body, Caller, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App,
    checkouts::{Checkout, count_checkout, wait_for_page},
    refusals::provider_unavailable,
};

/// The amount to pay in.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopUp {
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// A top-up waiting for payment.
#[derive(Serialize, ToSchema)]
pub struct OpenTopUp {
    payment_id: Uuid,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Address of the checkout page; null if it is not open yet: poll `GET /payments/{id}`.
    checkout_url: Option<String>,
}

/// Opens a checkout page where the caller can pay money into the wallet.
///
/// # Errors
///
/// 409 `too-many-checkouts`; 422 if the amount is out of range, `wrong-currency`; 503 `payment-provider-unavailable`.
#[utoipa::path(
    post,
    path = "/wallet/top-ups",
    tag = "Booking and money",
    request_body = NewTopUp,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = OpenTopUp),
        (status = 202, description = "no checkout page opened within 10 s", body = OpenTopUp),
        (
            status = 409,
            description = "`too-many-checkouts`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
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
    caller.take(&app.edge.limiters.top_ups_per_user, app.edge.now())?;
    let payment = PaymentId(ids.id(caller.user, "top-up", app.edge.new_id));
    let command = Command::RequestPayment {
        payment,
        customer: caller.user,
        purpose: Purpose::TopUp,
        amount,
        fingerprint: ids.fingerprint(&app.edge.keys, &body),
    };
    let metadata = app.sent_by(caller.user, &trace);
    count_checkout(&app, caller.user, payment, metadata.time).await?;
    let requested = app.execute(&payment, command, metadata, |_: &Payment| ()).await;
    if requested.is_ok() {
        app.open_checkouts.confirm(payment);
    } else {
        app.open_checkouts.remove(payment);
    }
    let requested = requested?;
    let Checkout { url, position } = wait_for_page(&app, payment, requested.position).await?;
    let status = if url.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let open = OpenTopUp { payment_id: payment.0, amount, checkout_url: url };
    Ok((status, StreamPosition(position), Json(open)))
}
