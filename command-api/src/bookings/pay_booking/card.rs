//! Payment by card: the payment saga opens a checkout page at the provider, and the client sends the customer there.

use axum::{Json, http::StatusCode};
use ticketshow_domain::{
    PaymentId,
    booking::{Booking, BookingStatus, FailureReason, PaymentMethod, opened::Outcome},
    screening::Screening,
};
use ticketshow_http::{Problem, StreamPosition};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::{
    bookings::pay_booking::{Answer, AttemptOutcome, PaidBooking, PaymentRequest},
    machinery::{
        checkouts::{Checkout, count_checkout, wait_for_page},
        failures::at,
        refusals::{payment_failed, provider_unavailable},
    },
};

impl PaymentRequest<'_> {
    /// A repeated call gets the page that is already open.
    pub(super) async fn open_checkout(mut self) -> Result<Answer, Problem> {
        let app = self.app;
        app.notices.as_ref().ok_or_else(provider_unavailable)?;
        let booking = self.skip_outages().await?;
        if attempt(&booking, self.payment).is_none() {
            count_checkout(app, self.customer, self.payment, self.metadata.time).await?;
        }
        let requested = self.request(attempt).await;
        let opened = requested.as_ref().ok().map(|(_, requested)| requested.answer.unwrap_or(self.payment));
        if opened == Some(self.payment) {
            app.open_checkouts.confirm(self.payment);
        } else {
            app.open_checkouts.remove(self.payment);
        }
        let (amount, requested) = requested?;
        let payment = opened.unwrap_or(self.payment);
        let opened = wait_for_page(app, payment, requested.position).await;
        let Ok(Checkout { url, position }) = opened else {
            // The booking knows why there is no page.
            return Err(match self.wait_for_outcome(payment).await? {
                Some(AttemptOutcome { result: Err(reason), position }) => {
                    at(payment_failed(reason).with("payment_id", payment), position)
                }
                Some(AttemptOutcome { result: Ok(_), .. }) | None => provider_unavailable(),
            });
        };
        let seen = app.state::<Screening>(&self.screening, Freshness::Fresh).await?;
        let answer = PaidBooking {
            held_until: seen.state.claim(self.booking).map(|claim| claim.held_until),
            checkout_url: url,
            ..self.answer(payment, BookingStatus::Paying, amount)
        };
        let status = if answer.checkout_url.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
        Ok((status, StreamPosition(position), Json(answer)))
    }

    /// Moves past attempts that failed because the provider was unavailable, so that the client can retry with the same
    /// key. Returns the booking.
    async fn skip_outages(&mut self) -> Result<Booking, Problem> {
        let seen = self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        let outage = Outcome::Failed(FailureReason::ProviderUnavailable);
        while seen.state.attempt(self.payment).is_some_and(|attempt| attempt.outcome == outage) {
            self.payment = PaymentId(Uuid::new_v5(&self.payment.0, b"again"));
        }
        Ok(seen.state)
    }
}

/// The payment that the call led to: a new one, or the one whose page is open.
fn attempt(booking: &Booking, payment: PaymentId) -> Option<PaymentId> {
    let opened = booking.opened.as_ref()?;
    let attempt = opened.attempt(payment).or_else(|| opened.open_attempt(PaymentMethod::Card))?;
    Some(attempt.payment)
}
