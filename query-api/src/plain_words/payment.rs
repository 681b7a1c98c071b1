//! What happened to the card payments of a booking, told where the booking's own stream does not tell it.

use ticketshow_domain::payment::{Event, RefundReason, RefundTarget, ReviewDecision};

use super::Teller;
use ticketshow_tickets::amount as amount_in_words;

impl Teller {
    /// What an event of one of the booking's payments means.
    pub fn of_payment(&self, event: &Event) -> Option<String> {
        Some(match event {
            // The booking has told that it was asked for.
            Event::PaymentOpened { .. } => return None,
            Event::CheckoutOpened { expires_at, .. } => {
                format!("The page to pay at is open until {}.", self.time(*expires_at))
            }
            Event::PaymentCaptured { captured, .. } => {
                format!("{} came in by card.", amount_in_words(*captured))
            }
            Event::PaymentMismatched { captured, .. } => {
                let captured = amount_in_words(*captured);
                format!(
                    "{captured} came in by card, which is not what was asked for: an administrator looks at it."
                )
            }
            Event::ReviewDecided { decision: ReviewDecision::Accept, .. } => {
                "An administrator accepted the payment.".to_owned()
            }
            Event::ReviewDecided { decision: ReviewDecision::Refund, .. } => {
                "An administrator decided that the payment goes back.".to_owned()
            }
            Event::PaymentAttemptFailed { reason } => format!("The card was not charged: {reason}."),
            Event::PaymentExpired {} => "Nobody paid by card in time.".to_owned(),
            Event::RefundRequested { target, reason, amount } => {
                let (amount, reason) = (amount_in_words(*amount), refund_reason(*reason));
                format!("{amount} go back {}: {reason}.", to(*target))
            }
            Event::RefundAttempted { attempt: 1 } => {
                "The payment provider is asked to give the money back.".to_owned()
            }
            Event::RefundAttempted { attempt } => {
                format!("The payment provider is asked to give the money back, try {attempt}.")
            }
            Event::RefundSubmitted { .. } => {
                "The payment provider is giving the money back; banks may take some days.".to_owned()
            }
            Event::RefundFailed { .. } => "The payment provider could not give the money back.".to_owned(),
            Event::RefundPutInReview { .. } => {
                "It is not known whether the money went back: an administrator looks at it.".to_owned()
            }
            Event::RefundCompleted { target, amount } => {
                format!("{} of the card payment are back {}.", amount_in_words(*amount), at(*target))
            }
        })
    }
}

/// Where money goes.
fn to(target: RefundTarget) -> &'static str {
    match target {
        RefundTarget::Wallet => "to the wallet",
        RefundTarget::Card => "to the card",
    }
}

/// Where money is.
pub(super) fn at(target: RefundTarget) -> &'static str {
    match target {
        RefundTarget::Wallet => "in the wallet",
        RefundTarget::Card => "on the card",
    }
}

fn refund_reason(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::CancelledByCustomer => "you cancelled",
        RefundReason::CancelledByHouse => "the house cancelled",
        RefundReason::PaidTwice => "another payment paid the booking",
        RefundReason::SeatsGone => "it came too late for the seats",
        RefundReason::Cancelled => "the booking was cancelled before it came",
        RefundReason::Decided => "an administrator decided so",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use ticketshow_domain::{BookingId, Currency, Money};
    use uuid::Uuid;

    use super::*;

    const AMOUNT: Money = Money { amount_minor: 50_000, currency: Currency::INR };

    fn told(event: &Event) -> Option<String> {
        Teller::new(BookingId(Uuid::nil()), TimeZone::get("Asia/Kolkata").unwrap()).of_payment(event)
    }

    #[test]
    fn a_card_payment_is_told_from_its_page_to_its_money() {
        let opened = Event::CheckoutOpened {
            session: "cks_1".to_owned(),
            url: "https://pay.example/1".to_owned(),
            expires_at: "2026-11-27T13:08:00Z".parse().unwrap(),
        };
        assert_eq!(told(&opened).unwrap(), "The page to pay at is open until 18:38 on 27 November 2026.");
        let captured = Event::PaymentCaptured { provider_payment: "pay_1".to_owned(), captured: AMOUNT };
        assert_eq!(told(&captured).unwrap(), "₹500.00 came in by card.");
    }

    #[test]
    fn a_refund_is_told_with_where_it_goes_and_why() {
        let (target, amount) = (RefundTarget::Card, AMOUNT);
        let requested = Event::RefundRequested { target, reason: RefundReason::SeatsGone, amount };
        let requested = told(&requested).unwrap();
        assert_eq!(requested, "₹500.00 go back to the card: it came too late for the seats.");
        let completed = told(&Event::RefundCompleted { target: RefundTarget::Wallet, amount }).unwrap();
        assert_eq!(completed, "₹500.00 of the card payment are back in the wallet.");
    }
}
