//! Paying by card: the payment saga opens a page at the provider, and the customer is sent there.

use axum::{Json, http::StatusCode};
use ticketshow_domain::{
    PaymentId,
    booking::{Booking, BookingStatus, FailureReason, Outcome, PaymentMethod},
    screening::Screening,
};
use ticketshow_http::{Problem, StreamPosition};
use ticketshow_nats::Freshness;
use uuid::Uuid;

use super::{Answer, PATIENCE, PaidBooking, Wanted};
use crate::{
    checkouts::Checkout,
    failures::at,
    outcomes::{Settled, Told},
    refusals::{payment_failed, provider_unavailable},
    top_up_wallet::PATIENCE as PAGE_PATIENCE,
};

impl Wanted<'_> {
    /// Who asks again while a page is open gets the same page.
    pub(super) async fn open_checkout(mut self) -> Result<Answer, Problem> {
        let app = self.app;
        app.notices.as_ref().ok_or_else(provider_unavailable)?;
        self.begin_again_after_trouble().await?;
        let (amount, requested) = self.request(attempt).await?;
        let payment = requested.answer.unwrap_or(self.payment);
        let mut page = app.checkouts.listen(payment);
        let mut outcome = app.outcomes.listen(payment);
        let opened = page.wait(app, payment, requested.position, PAGE_PATIENCE).await;
        let Ok(Checkout { url, position }) = opened else {
            // The booking knows better why than that there is no page.
            let told = match outcome.wait(PATIENCE).await {
                Some(told) => Some(told),
                None => self.look().await?,
            };
            return Err(match told {
                Some(Told { settled: Settled::Failed(reason), position }) => {
                    at(payment_failed(reason).with("payment_id", payment), position)
                }
                Some(Told { settled: Settled::Confirmed(_), .. }) | None => provider_unavailable(),
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

    /// Who was told to come again because the provider was away may do so with the same key.
    async fn begin_again_after_trouble(&mut self) -> Result<(), Problem> {
        let seen = self.app.state::<Booking>(&self.booking, Freshness::Fresh).await?;
        let trouble = Outcome::Failed(FailureReason::ProviderUnavailable);
        while seen.state.attempt(self.payment).is_some_and(|attempt| attempt.outcome == trouble) {
            self.payment = PaymentId(Uuid::new_v5(&self.payment.0, b"again"));
        }
        Ok(())
    }
}

/// The payment that the booking made of the call: a new one, or the one whose page is open.
fn attempt(booking: &Booking, payment: PaymentId) -> Option<PaymentId> {
    let opened = booking.opened.as_ref()?;
    let attempt = opened.attempt(payment).or_else(|| opened.open_attempt(PaymentMethod::Card))?;
    Some(attempt.payment)
}
