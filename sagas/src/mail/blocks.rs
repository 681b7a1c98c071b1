//! Blocks and values of a template, chosen by the event.

use jiff::Timestamp;
use ticketshow_domain::{
    Language, Money, SeatName, TimeZoneName,
    booking::{CancelledBy, FailureReason, PaymentMethod, RefundDue},
    rescheduling::Rescheduling,
};
use ticketshow_tickets::{LocalTime, amount};

use super::words::{Words, words};

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
    /// Refunds of other payments of the booking.
    pub others: &'a [RefundDue],
}

impl Parted<'_> {
    /// Returns the refunds, one per destination.
    fn refunds(&self) -> Vec<RefundDue> {
        let mut refunds: Vec<RefundDue> = Vec::new();
        let paying = |due: &&RefundDue| due.amount.amount_minor > 0;
        for due in self.refund_due.iter().chain(self.others).filter(paying) {
            match refunds.iter_mut().find(|known| known.destination() == due.destination()) {
                Some(known) => known.amount.amount_minor += due.amount.amount_minor,
                None => refunds.push(*due),
            }
        }
        refunds
    }

    /// Returns the name and the value of what the house keeps of the `paid` money, of which `fees_minor` are fees. A customer pays the
    /// fees and the charge for a cancellation; a house that refunds nothing, or less by itself, has other reasons.
    pub fn kept(&self, paid: Money, fees_minor: i64, language: Language) -> Option<(&'static str, String)> {
        let back_minor: i64 = self.refunds().iter().map(|due| due.amount.amount_minor).sum();
        let kept_minor = paid.amount_minor - back_minor;
        let (words, money) = (words(language), |amount_minor| amount(Money { amount_minor, ..paid }));
        if kept_minor <= 0 {
            return None;
        }
        if self.by == CancelledBy::House || self.refund_due.is_none() {
            return Some((words.kept, money(kept_minor)));
        }
        let fees_minor = fees_minor.min(kept_minor);
        let parts = [(kept_minor - fees_minor, words.cancellation_fee), (fees_minor, words.fee_kept)];
        let paying = parts.into_iter().filter(|(minor, _)| *minor > 0);
        let named: Vec<String> = paying.map(|(minor, name)| format!("{} ({name})", money(minor))).collect();
        Some((words.kept, named.join(", ")))
    }
}

/// Returns the values that a mail about a cancellation shows: its author, its reason, and the refund with each destination, or else
/// `without`. `charged_back` if the customer's bank has returned the money.
pub(super) fn cancellation(
    parted: Parted<'_>,
    charged_back: bool,
    without: &'static str,
    at_counter: &'static str,
    language: Language,
) -> Vec<(&'static str, String)> {
    let Parted { by, reason, refund_due, .. } = parted;
    let author = match by {
        CancelledBy::Customer => "by_customer",
        CancelledBy::House if charged_back => "by_bank",
        CancelledBy::House => "by_house",
    };
    let mut shown = vec![(author, String::new())];
    // The bank's cancellation says so itself.
    let reason = reason.filter(|_| author != "by_bank");
    shown.extend(reason.map(|reason| ("reason", reason.to_owned())));
    match parted.refunds().as_slice() {
        [] => shown.push((if refund_due.is_some() { "refund_none" } else { without }, String::new())),
        [due] => {
            let target = match due.destination() {
                PaymentMethod::Wallet => "refund_wallet",
                PaymentMethod::Card if charged_back => "refund_bank",
                PaymentMethod::Card => "refund_card",
                PaymentMethod::Cash
                | PaymentMethod::CardTerminal
                | PaymentMethod::Upi
                | PaymentMethod::Complimentary => at_counter,
            };
            shown.extend([(target, String::new()), ("refund", amount(due.amount))]);
        }
        parts => shown.extend(divided(parts, charged_back, words(language))),
    }
    shown
}

/// Returns the values that a mail shows about a refund with several destinations.
fn divided(parts: &[RefundDue], charged_back: bool, words: &Words) -> Vec<(&'static str, String)> {
    let part = |due: &RefundDue| match due.destination() {
        PaymentMethod::Wallet => (words.to_wallet, Some("part_wallet")),
        PaymentMethod::Card if charged_back => (words.from_bank, None),
        PaymentMethod::Card => (words.to_card, Some("part_card")),
        PaymentMethod::Cash
        | PaymentMethod::CardTerminal
        | PaymentMethod::Upi
        | PaymentMethod::Complimentary => (words.at_box_office, None),
    };
    let named: Vec<String> = parts.iter().map(|due| part(due).0.replace("{}", &amount(due.amount))).collect();
    let total_minor: i64 = parts.iter().map(|due| due.amount.amount_minor).sum();
    let total = parts.first().map(|due| Money { amount_minor: total_minor, ..due.amount });
    let mut shown = vec![("parts", named.join(", "))];
    shown.extend(total.map(|total| ("refund", amount(total))));
    shown.extend(parts.iter().filter_map(|due| part(due).1).map(|flag| (flag, String::new())));
    shown
}
