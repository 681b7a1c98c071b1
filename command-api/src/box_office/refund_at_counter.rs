//! `POST /box-office/refunds`

use std::fmt;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Money,
    booking::{Booking, BookingStatus, Command, PaymentMethod},
    counter::CounterRefund,
    till::{self, Till},
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    authority::StaffSomewhere,
};

/// Way in which money is handed back.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayoutMethod {
    Cash,
    CardTerminal,
    Upi,
}

impl fmt::Display for PayoutMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cash => "cash",
            Self::CardTerminal => "card_terminal",
            Self::Upi => "upi",
        })
    }
}

impl From<PayoutMethod> for PaymentMethod {
    fn from(method: PayoutMethod) -> Self {
        match method {
            PayoutMethod::Cash => Self::Cash,
            PayoutMethod::CardTerminal => Self::CardTerminal,
            PayoutMethod::Upi => Self::Upi,
        }
    }
}

/// A cancelled booking whose money is handed back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedRefund {
    #[schema(value_type = Uuid)]
    booking_id: BookingId,
    method: PayoutMethod,
}

/// Money that was handed back.
#[derive(Serialize, ToSchema)]
pub struct PaidOut {
    refund_id: Uuid,
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    #[schema(value_type = String, example = "refunded")]
    status: BookingStatus,
    method: PayoutMethod,
    #[schema(value_type = schema::Money)]
    amount: Money,
}

/// Records that the money of a cancelled booking that was sold at the counter was handed back there. Hand it out after the
/// answer: of two who try, one gets 409.
///
/// # Errors
///
/// 404; 409 `not-cancelled`, `already-refunded`, `not-sold-at-counter` (its money goes back by itself), `nothing-to-refund`
/// (complimentary), `no-open-till` (cash).
#[utoipa::path(
    post,
    path = "/box-office/refunds",
    tag = "Box office",
    request_body = WantedRefund,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = PaidOut),
        schema::NotFound,
        (
            status = 409,
            description = "`not-cancelled`, `already-refunded`, `not-sold-at-counter`, `nothing-to-refund`, `no-open-till`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn refund_at_counter(
    State(app): State<App>,
    seller: StaffSomewhere,
    trace: Trace,
    ids: RequestIds,
    Body(wanted): Body<WantedRefund>,
) -> Result<(StatusCode, StreamPosition, Json<PaidOut>), Problem> {
    let fingerprint = ids.fingerprint(&app.edge.keys, &wanted);
    let key = app.check_key(&ids, seller.caller.user, fingerprint).await?;
    let WantedRefund { booking_id: booking, method } = wanted;
    seller.check_screening(&app, app.screening_of(booking).await?).await?;
    let caller = seller.caller;
    // One call per booking and method, whatever its key was used for before.
    let refund = ids.id(caller.user, format!("{booking} {method}"), app.edge.new_id);
    let metadata = app.sent_by(caller.user, &trace);
    let till = app.open_till_of(caller.user).await?;
    let command = Command::RefundAtCounter {
        target: method.into(),
        counter: CounterRefund { refund, till, by: caller.user },
    };
    let (position, amount) = carry_through(async move {
        let refunded = |booking: &Booking| {
            let opened = booking.opened.as_ref()?;
            Some((opened.amount(), opened.winner()?.payment, opened.counter_refund?))
        };
        let executed = app.execute(&booking, command, metadata.clone(), refunded).await?;
        let (amount, payment, counter) = executed.answer.ok_or_else(Problem::internal)?;
        let mut position = executed.position;
        // A repeat enters it in the session of the first call.
        if let (PayoutMethod::Cash, Some(till)) = (method, counter.till) {
            let command = till::Command::ReturnCash { till, booking, payment, amount };
            let returned = app.execute(&counter.by, command, metadata, |_: &Till| ()).await?;
            position = position.max(returned.position);
        }
        app.keep_key(key).await;
        Ok((position, amount))
    })
    .await?;
    let paid_out = PaidOut {
        refund_id: refund,
        booking_id: booking.0,
        reference: booking.reference(),
        status: BookingStatus::Refunded,
        method,
        amount,
    };
    Ok((StatusCode::CREATED, StreamPosition(position), Json(paid_out)))
}
