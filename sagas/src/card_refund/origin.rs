//! The event that a refund goes back to, so that its calls are in the trace of the request that led to it.

use ticketshow_domain::{AnyEvent, payment::Event};
use ticketshow_nats::log::envelope::RecordedEvent;

/// Returns the last request for a refund in the history of a payment. If that has no trace, because a webhook or the reconciliation led to
/// it, returns the opening of the payment if that has one: the customer's request to pay.
pub(super) fn origin(history: impl Iterator<Item = RecordedEvent>) -> Option<RecordedEvent> {
    let is_opening = |event: &AnyEvent| matches!(event, AnyEvent::Payment(Event::PaymentOpened { .. }));
    let is_request = |event: &AnyEvent| matches!(event, AnyEvent::Payment(Event::RefundRequested { .. }));
    let (mut opened, mut requested) = (None, None);
    for recorded in history {
        if is_opening(&recorded.event) {
            opened = Some(recorded);
        } else if is_request(&recorded.event) {
            requested = Some(recorded);
        }
    }
    let is_traced = |recorded: &RecordedEvent| recorded.metadata.trace.is_some();
    match (requested, opened.filter(is_traced)) {
        (Some(requested), Some(opened)) if !is_traced(&requested) => Some(opened),
        (requested, _) => requested,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ticketshow_domain::{
        BookingId, Currency, Money, PaymentId, UserId,
        payment::{Purpose, RefundReason, RefundTarget},
    };
    use ticketshow_nats::log::metadata::{Actor, Metadata};
    use uuid::Uuid;

    use super::*;
    use crate::examples::start;

    const ID: Uuid = Uuid::from_u128(1);
    const AMOUNT: Money = Money { amount_minor: 25_000, currency: Currency::INR };

    fn recorded(version: u64, trace: Option<&str>, event: Event) -> RecordedEvent {
        let trace = trace.map(str::to_owned);
        let metadata =
            Metadata { time: start(), actor: Actor::System, correlation: ID, causation: None, trace };
        RecordedEvent {
            position: version,
            commit: ID,
            aggregate: "payment".into(),
            id: ID.to_string().into(),
            version,
            metadata: Arc::new(metadata),
            event: AnyEvent::Payment(event),
        }
    }

    fn opened() -> Event {
        let purpose = Purpose::Booking { booking: BookingId(ID) };
        let (payment, customer) = (PaymentId(ID), UserId(ID));
        Event::PaymentOpened { payment, customer, purpose, amount: AMOUNT, fingerprint: None }
    }

    fn requested() -> Event {
        let reason = RefundReason::CancelledByCustomer;
        Event::RefundRequested { target: RefundTarget::Card, reason, amount: AMOUNT }
    }

    /// Version of the event that a refund with this history goes back to.
    fn version(history: Vec<RecordedEvent>) -> Option<u64> {
        origin(history.into_iter()).map(|recorded| recorded.version)
    }

    #[test]
    fn a_refund_goes_back_to_its_last_request() {
        let history = vec![
            recorded(1, Some("paying"), opened()),
            recorded(2, Some("cancelling"), requested()),
            recorded(3, Some("deciding"), requested()),
            recorded(4, None, Event::RefundAttempted { attempt: 1, at: None }),
        ];
        assert_eq!(version(history), Some(3));
        assert_eq!(version(vec![recorded(1, None, opened()), recorded(2, None, requested())]), Some(2));
        assert_eq!(version(vec![recorded(1, Some("paying"), opened())]), None);
    }

    #[test]
    fn a_refund_that_a_webhook_led_to_goes_back_to_the_request_to_pay() {
        let history = vec![recorded(1, Some("paying"), opened()), recorded(2, None, requested())];
        assert_eq!(version(history), Some(1));
    }
}
