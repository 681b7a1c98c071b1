//! Blocks and values of a template, chosen by the event.

use jiff::Timestamp;
use ticketshow_domain::{
    Language, Money, SeatName, TimeZoneName,
    booking::{CancelledBy, FailureReason, PaymentMethod, RefundDue},
    payment::RefundTarget,
    rescheduling::Rescheduling,
};
use ticketshow_tickets::{LocalTime, amount};

use super::words::words;

/// Returns the values of a mail about another time or screen: before, now, and the end of the free cancellation.
pub(super) fn changes(
    Rescheduling { before, after, free_until, .. }: &Rescheduling,
    zone: &TimeZoneName,
    language: Language,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let time = |moment| LocalTime::in_language(moment, zone, language).to_string();
    let mut shown = Vec::new();
    if before.starts_at != after.starts_at {
        shown.extend([("starts_before", time(before.starts_at)), ("starts_after", time(after.starts_at))]);
    }
    if before.screen != after.screen {
        let names =
            [("screen_before", before.screen_name.clone()), ("screen_after", after.screen_name.clone())];
        shown.extend(names);
    }
    if now < *free_until {
        shown.push(("free_until", time(*free_until)));
    }
    shown
}

/// Returns the blocks of a mail about a failed payment: the reason, and the destination of the money that was taken, if any.
pub(super) fn failure(
    reason: FailureReason,
    method: PaymentMethod,
    taken: Option<Money>,
) -> impl Iterator<Item = &'static str> {
    let (why, goes_back) = match (reason, taken) {
        (FailureReason::InsufficientFunds, _) => ("insufficient_funds", false),
        (FailureReason::Declined, _) => ("declined", false),
        (FailureReason::TimedOut, _) => match method {
            PaymentMethod::Card => ("timed_out", false),
            PaymentMethod::Wallet
            | PaymentMethod::Cash
            | PaymentMethod::CardTerminal
            | PaymentMethod::Upi
            | PaymentMethod::Complimentary => ("hold_over", false),
        },
        (FailureReason::ProviderUnavailable, _) => ("provider_unavailable", false),
        (FailureReason::SeatsGone, Some(_)) => ("seats_gone", true),
        (FailureReason::SeatsGone, None) => ("seats_gone_before", false),
        (FailureReason::BookingClosed, Some(_)) => ("booking_closed", true),
        (FailureReason::BookingClosed, None) => ("booking_closed_before", false),
        (FailureReason::PaidTwice, Some(_)) => ("paid_twice", true),
        (FailureReason::PaidTwice, None) => ("paid_before", false),
        (FailureReason::Cancelled, Some(_)) => ("cancelled", true),
        (FailureReason::Cancelled, None) => ("cancelled_before", false),
        (FailureReason::SentBack, taken) => ("sent_back", taken.is_some()),
        (FailureReason::Abandoned, _) => ("abandoned", false),
    };
    let back = match method {
        PaymentMethod::Wallet => Some("back_to_wallet"),
        PaymentMethod::Card => Some("back_to_card"),
        // Attempts at the counter do not fail.
        PaymentMethod::Cash
        | PaymentMethod::CardTerminal
        | PaymentMethod::Upi
        | PaymentMethod::Complimentary => None,
    };
    [Some(why), back.filter(|_| goes_back)].into_iter().flatten()
}

/// Returns the values that tickets show about a cancellation by the customer, who gets `back` of what was paid until `until`: fees and
/// the charge for a cancellation stay with the house.
pub(super) fn leaving(paid: Money, back: Money, until: String) -> Vec<(&'static str, String)> {
    let kept = Money { amount_minor: paid.amount_minor - back.amount_minor, ..paid };
    if kept.amount_minor <= 0 {
        return vec![("cancel_until", until)];
    }
    vec![("part_until", until), ("kept", amount(kept)), ("total", amount(paid))]
}

/// Returns seats as a sentence names them.
pub(super) fn named(seats: &[SeatName], language: Language) -> String {
    let words = words(language);
    match seats {
        [seat] => format!("{} {seat}", words.seat_named),
        seats => format!(
            "{} {}",
            words.seats_named,
            seats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The end of a booking, or of some of its seats.
#[derive(Clone, Copy)]
pub(super) struct Parted<'a> {
    pub by: CancelledBy,
    pub reason: Option<&'a str>,
    pub refund_due: Option<RefundDue>,
}

/// Returns the values that a mail about a cancellation shows: its author, its reason, and the refund, or else `without`.
/// `charged_back` if the customer's bank has returned the money.
pub(super) fn cancellation(
    Parted { by, reason, refund_due }: Parted<'_>,
    charged_back: bool,
    without: &'static str,
    at_counter: &'static str,
) -> Vec<(&'static str, String)> {
    let author = match by {
        CancelledBy::Customer => "by_customer",
        CancelledBy::House if charged_back => "by_bank",
        CancelledBy::House => "by_house",
    };
    let mut shown = vec![(author, String::new())];
    // The bank's cancellation says so itself.
    let reason = reason.filter(|_| author != "by_bank");
    shown.extend(reason.map(|reason| ("reason", reason.to_owned())));
    match refund_due.filter(|due| due.amount.amount_minor > 0) {
        Some(due) => {
            let target = match due.method {
                PaymentMethod::Wallet => "refund_wallet",
                PaymentMethod::Card if due.to == Some(RefundTarget::Wallet) => "refund_wallet",
                PaymentMethod::Card if charged_back => "refund_bank",
                PaymentMethod::Card => "refund_card",
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary => at_counter,
            };
            shown.extend([(target, String::new()), ("refund", amount(due.amount))]);
        }
        None => shown.push((if refund_due.is_some() { "refund_none" } else { without }, String::new())),
    }
    shown
}
