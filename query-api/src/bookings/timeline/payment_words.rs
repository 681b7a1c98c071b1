//! Events of a booking's card payments, in plain words. Events that the booking's own stream already
//! describes are left out.

use ticketshow_domain::payment::{Event, RefundReason, RefundTarget, ReviewDecision};
use ticketshow_tickets::amount as amount_in_words;

use super::{plain_words::Narrator, reader::Reader};

impl Narrator {
    /// Describes an event of one of the booking's payments; `None` if the booking's own events cover it.
    pub fn payment_event(&self, event: &Event) -> Option<String> {
        Some(match event {
            // The booking's own events cover it.
            Event::PaymentOpened { .. } | Event::PartSplitOff { .. } => return None,
            Event::CheckoutOpened { expires_at, .. } => {
                format!("The payment page is open until {}.", self.time(*expires_at))
            }
            Event::PaymentCaptured { captured, .. } => {
                format!("We received {} by card.", amount_in_words(*captured))
            }
            Event::PaymentMismatched { captured, .. } => {
                let captured = amount_in_words(*captured);
                format!("We received {captured} by card, which is not the amount due. We are checking it.")
            }
            Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                "We checked the payment and accepted it.".to_owned()
            }
            Event::ReviewDecided { decision: ReviewDecision::Refund, .. } => {
                "We checked the payment and will refund it.".to_owned()
            }
            Event::PaymentAttemptFailed { reason } => format!("The card was not charged: {reason}."),
            Event::PaymentExpired {} => "The card payment was not completed in time.".to_owned(),
            Event::RefundRequested { target, reason, amount } => {
                let (amount, reason) = (amount_in_words(*amount), refund_reason(self.reader, *reason));
                format!("We are refunding {amount} {}: {reason}.", to(self.reader, *target))
            }
            Event::RefundAttempted { attempt: 1, .. } => {
                "We asked the payment provider to refund the payment.".to_owned()
            }
            Event::RefundAttempted { attempt, .. } => {
                format!("We asked the payment provider to refund the payment (attempt {attempt}).")
            }
            Event::RefundSubmitted { .. } => {
                "The payment provider is processing the refund. Banks may take a few days.".to_owned()
            }
            Event::RefundFailed { .. } => {
                "The refund failed at the payment provider. We are looking into it.".to_owned()
            }
            Event::RefundPutInReview { .. } => {
                "The payment provider has not confirmed the refund. We are looking into it.".to_owned()
            }
            Event::PaymentDisputed { amount, .. } => {
                let bank = self.reader.words("Your bank", "The customer's bank");
                format!("{bank} asks for {} of the card payment back.", amount_in_words(*amount))
            }
            Event::DisputeWon { .. } => {
                let bank = self.reader.words("Your bank's", "The bank's");
                format!("{bank} request for the payment is settled: it stays paid.")
            }
            Event::DisputeLost { amount, .. } => {
                let bank = self.reader.words("Your bank", "The customer's bank");
                format!("{bank} took {} of the card payment back.", amount_in_words(*amount))
            }
            Event::RefundCompleted { target, amount } => {
                format!(
                    "{} of the card payment has been refunded {}.",
                    amount_in_words(*amount),
                    to(self.reader, *target)
                )
            }
        })
    }
}

/// The destination of a refund.
pub(super) fn to(reader: Reader, target: RefundTarget) -> &'static str {
    match target {
        RefundTarget::Wallet => reader.words("to your wallet", "to the wallet"),
        RefundTarget::Card => reader.words("to your card", "to the card"),
    }
}

fn refund_reason(reader: Reader, reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::CancelledByCustomer => {
            reader.words("you cancelled the booking", "the customer cancelled the booking")
        }
        RefundReason::CancelledByHouse => {
            reader.words("we cancelled the booking", "the house cancelled the booking")
        }
        RefundReason::PaidTwice => "the booking had already been paid",
        RefundReason::SeatsGone => "the payment arrived after the seats were released",
        RefundReason::Cancelled => "the booking was cancelled before the payment arrived",
        RefundReason::SeatsReturned => reader.words("you gave seats back", "seats were given back"),
        RefundReason::Decided => "we checked the payment and decided to refund it",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use ticketshow_domain::{BookingId, Currency, Money};
    use uuid::Uuid;

    use super::*;

    const AMOUNT: Money = Money { amount_minor: 50_000, currency: Currency::INR };

    fn words(event: &Event) -> Option<String> {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        Narrator::new(BookingId(Uuid::nil()), zone, Reader::Customer).payment_event(event)
    }

    #[test]
    fn a_card_payment_is_described_from_checkout_to_capture() {
        let opened = Event::CheckoutOpened {
            session: "cks_1".to_owned(),
            url: "https://pay.example/1".to_owned(),
            expires_at: "2026-11-27T13:08:00Z".parse().unwrap(),
        };
        assert_eq!(words(&opened).unwrap(), "The payment page is open until 18:38 on 27 November 2026.");
        let captured = Event::PaymentCaptured { provider_payment: "pay_1".to_owned(), captured: AMOUNT };
        assert_eq!(words(&captured).unwrap(), "We received ₹500.00 by card.");
    }

    #[test]
    fn a_refund_is_described_with_its_destination_and_reason() {
        let (target, amount) = (RefundTarget::Card, AMOUNT);
        let requested = Event::RefundRequested { target, reason: RefundReason::SeatsGone, amount };
        let requested = words(&requested).unwrap();
        assert_eq!(
            requested,
            "We are refunding ₹500.00 to your card: the payment arrived after the seats were released."
        );
        let completed = words(&Event::RefundCompleted { target: RefundTarget::Wallet, amount }).unwrap();
        assert_eq!(completed, "₹500.00 of the card payment has been refunded to your wallet.");
    }
}
