//! Moves of a booking to other seats, in plain words.

use ticketshow_domain::{
    Money, SeatName,
    booking::CancelledBy,
    seat_move::{MoveRefusal, SeatMove, Settlement},
};
use ticketshow_tickets::amount;

use super::{
    plain_words::{Narrator, named, poor, with_reason},
    reader::Reader,
};

pub fn requested(narrator: &Narrator, wanted: &SeatMove) -> String {
    let (old, new) = (named(&wanted.given), new_seats(narrator, wanted));
    let what = match wanted.by {
        CancelledBy::Customer => narrator.reader.words("You asked to move", "The customer asked to move"),
        CancelledBy::House => narrator.reader.words("We are moving you", "The house moves the customer"),
    };
    let mut what = format!("{what} from {old} to {new}.");
    if wanted.reason.is_some() {
        what = format!("{what} {}", with_reason("Reason", wanted.reason.as_deref()));
    }
    if wanted.settle == Settlement::Waive {
        return format!("{what} {}", waived(wanted));
    }
    match wanted.to_pay {
        Some(more) if wanted.is_paid_by_card() => {
            let until = wanted.pay_until.map(|until| format!(" until {}", narrator.time(until)));
            let until = until.unwrap_or_default();
            format!("{what} {} more is to be paid by card. The new seats are kept{until}.", amount(more))
        }
        Some(more) => {
            let whose = narrator.reader.words("your", "the");
            format!("{what} {} more is to be paid from {whose} wallet.", amount(more))
        }
        None => what,
    }
}

fn waived(wanted: &SeatMove) -> String {
    match wanted.waived {
        Some(difference) if difference.amount_minor < 0 => {
            let less = Money { amount_minor: difference.amount_minor.saturating_neg(), ..difference };
            format!("The new seats cost {} less, which is not refunded.", amount(less))
        }
        Some(difference) => format!("A difference of {} is waived.", amount(difference)),
        // Equal prices, or a move that was requested before the difference was recorded.
        None => "A difference of the prices is waived.".to_owned(),
    }
}

pub fn refused(reader: Reader, wanted: &SeatMove, reason: MoveRefusal, taken: &[SeatName]) -> String {
    let stays = reader.words("You stay", "The customer stays");
    let why = match reason {
        MoveRefusal::SeatTaken if taken.len() == 1 => "the new seat is taken",
        MoveRefusal::SeatTaken => "the new seats are taken",
        MoveRefusal::UnknownSeat => "there are no such seats",
        MoveRefusal::BookingClosed => "the other screening has started",
        MoveRefusal::ScreeningCancelled => "the screening is cancelled",
        MoveRefusal::ScreeningOver => "the screening is over",
        MoveRefusal::InsufficientFunds => poor(reader),
        MoveRefusal::CheckedIn => "a ticket has been used",
        MoveRefusal::SeatsChanged => "seats were given back meanwhile",
        MoveRefusal::BookingCancelled => "the booking was cancelled meanwhile",
        MoveRefusal::TooManySeats => reader.words(
            "you would have too many seats of the other screening",
            "the customer would have too many seats of the other screening",
        ),
        MoveRefusal::NotPaid => "the difference was not paid",
        MoveRefusal::GivenUp => {
            let (old, new) = (named(&wanted.given), named(&wanted.new_seats()));
            return format!("The move to {new} was withdrawn. {stays} in {old}.");
        }
        MoveRefusal::TimeChanged => "the screening begins at another time by now",
    };
    format!("{stays} in {}: {why}.", named(&wanted.given))
}

pub fn paid(wanted: &SeatMove) -> Option<String> {
    wanted.to_pay.map(|more| format!("The difference of {} was paid by card.", amount(more)))
}

pub fn completed(narrator: &Narrator, moved: &SeatMove) -> String {
    let who = narrator.reader.words("You have", "The customer has");
    let now = format!("{who} {} now, with new tickets.", new_seats(narrator, moved));
    match (moved.to_pay, moved.due) {
        (Some(_), _) if moved.is_paid_by_card() => now,
        (Some(more), _) => {
            let whose = narrator.reader.words("your", "the");
            format!("{now} {} was paid from {whose} wallet.", amount(more))
        }
        (None, Some(due)) => format!("{now} {} will be refunded.", amount(due)),
        (None, None) => now,
    }
}

/// The new seats; those of another screening with both times.
fn new_seats(narrator: &Narrator, moved: &SeatMove) -> String {
    let new = named(&moved.new_seats());
    if moved.stays() {
        return new;
    }
    let before = narrator.course.starts_at.map(|before| format!(" instead of {}", narrator.time(before)));
    let before = before.unwrap_or_default();
    format!("{new} of the screening at {}{before}", narrator.time(moved.to.starts_at))
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use ticketshow_domain::{
        BookingId, Currency, PaymentId, ScreeningId, UserId,
        booking::{Event, PaymentMethod},
        hold::PricedSeat,
        pricing::{Charges, TicketType},
        seat_move::MoveTarget,
    };
    use uuid::Uuid;

    use super::*;

    const BOOKING: BookingId = BookingId(Uuid::nil());
    const CUSTOMER: UserId = UserId(Uuid::nil());

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A move to a dearer seat of another screening, whose difference is paid by card.
    fn dearer() -> SeatMove {
        let priced = PricedSeat {
            seat: SeatName("B-1".to_owned()),
            category: "gold".to_owned(),
            price_minor: 30_000,
            ticket_type: TicketType::default(),
            discount_minor: 0,
        };
        SeatMove {
            id: PaymentId(Uuid::from_u128(1)),
            payment: PaymentId(Uuid::from_u128(2)),
            method: PaymentMethod::Card,
            from: ScreeningId(Uuid::from_u128(3)),
            given: vec![SeatName("A-1".to_owned())],
            to: MoveTarget {
                screening: ScreeningId(Uuid::from_u128(4)),
                seats: vec![priced],
                currency: Currency::INR,
                starts_at: at("2026-12-02T13:00:00Z"),
                cancel_until: at("2026-12-02T11:00:00Z"),
                charges: Charges::default(),
                cancellation_fee_minor: 0,
                wheelchairs: Vec::new(),
            },
            settle: Settlement::Pay,
            by: CancelledBy::Customer,
            to_pay: Some(Money { amount_minor: 5_000, currency: Currency::INR }),
            due: None,
            fingerprint: None,
            apart: Some(PaymentMethod::Card),
            pay_until: Some(at("2026-12-01T10:10:00Z")),
            waived: None,
            reason: None,
        }
    }

    fn requested(wanted: SeatMove) -> Event {
        Event::MoveRequested { booking: BOOKING, customer: CUSTOMER, wanted }
    }

    #[test]
    fn an_open_difference_says_until_when_the_seats_wait_and_its_end_says_why() {
        let mut narrator = Narrator::new(BOOKING, TimeZone::get("Asia/Kolkata").unwrap(), Reader::Customer);
        let mut words = |event: &Event| narrator.booking_event(event).unwrap();
        assert_eq!(
            words(&requested(dearer())),
            "You asked to move from seat A-1 to seat B-1 of the screening at 18:30 on 2 December 2026. ₹50.00 more is to be \
             paid by card. The new seats are kept until 15:40 on 1 December 2026."
        );
        let mut refused = |reason| {
            let (booking, customer, wanted) = (BOOKING, CUSTOMER, dearer());
            words(&Event::MoveRefused { booking, customer, wanted, reason, seats: Vec::new() })
        };
        assert_eq!(
            refused(MoveRefusal::GivenUp),
            "The move to seat B-1 was withdrawn. You stay in seat A-1."
        );
        assert_eq!(refused(MoveRefusal::NotPaid), "You stay in seat A-1: the difference was not paid.");
    }

    #[test]
    fn a_move_to_another_screening_has_both_times_and_says_that_a_difference_is_waived() {
        let mut narrator = Narrator::new(BOOKING, TimeZone::get("Asia/Kolkata").unwrap(), Reader::Customer);
        narrator.course.starts_at = Some(at("2026-11-27T13:00:00Z"));
        let waived = || SeatMove {
            settle: Settlement::Waive,
            by: CancelledBy::House,
            to_pay: None,
            apart: None,
            pay_until: None,
            waived: Some(Money { amount_minor: 12_000, currency: Currency::INR }),
            reason: Some("The seat was broken.".to_owned()),
            ..dearer()
        };
        assert_eq!(
            narrator.booking_event(&requested(waived())).unwrap(),
            "We are moving you from seat A-1 to seat B-1 of the screening at 18:30 on 2 December 2026 instead of 18:30 on \
             27 November 2026. Reason: The seat was broken. A difference of ₹120.00 is waived."
        );
        let less = Some(Money { amount_minor: -5_000, currency: Currency::INR });
        let cheaper = narrator.booking_event(&requested(SeatMove { waived: less, ..waived() })).unwrap();
        assert!(cheaper.ends_with("The new seats cost ₹50.00 less, which is not refunded."), "{cheaper}");
        let (booking, customer, moved) = (BOOKING, CUSTOMER, waived());
        let completed = Event::BookingMoved { booking, customer, moved, tickets: Vec::new() };
        assert_eq!(
            narrator.booking_event(&completed).unwrap(),
            "You have seat B-1 of the screening at 18:30 on 2 December 2026 instead of 18:30 on 27 November 2026 now, with \
             new tickets."
        );
        assert_eq!(narrator.course.starts_at, Some(at("2026-12-02T13:00:00Z")));
    }
}
