//! What happened to a booking, as its customer would be told.

mod payment;

use jiff::{Timestamp, tz::TimeZone};
use ticketshow_domain::{
    BookingId, SeatName,
    booking::{self, CancelledBy, FailureReason, PaymentMethod},
    screening::{self, ReleaseReason},
};

use ticketshow_tickets::amount as amount_in_words;

/// Tells one booking's story, event by event in the order of the log.
pub struct Teller {
    booking: BookingId,
    zone: TimeZone,
    /// Whether the booking has seats: if not, the screening's own fate is none of its story.
    has_seats: bool,
}

impl Teller {
    /// Tells times in `zone`.
    pub fn new(booking: BookingId, zone: TimeZone) -> Self {
        Self { booking, zone, has_seats: false }
    }

    /// What an event of the screening means for the booking, if anything.
    pub fn of_screening(&mut self, event: &screening::Event) -> Option<String> {
        use screening::Event;
        match event {
            Event::ScreeningOpened { .. } | Event::ScreeningCleared { .. } => None,
            Event::SeatsReserved { booking, seats, amount, held_until, .. } => self.about(*booking, |told| {
                told.has_seats = true;
                let (until, amount) = (told.time(*held_until), amount_in_words(*amount));
                format!("{} until {until}, for {amount}.", are(seats, "held"))
            }),
            Event::HoldExtended { booking, held_until } => self.about(*booking, |told| {
                format!("The seats are held longer, until {}.", told.time(*held_until))
            }),
            Event::SeatsReleased { booking, seats, reason } => self.about(*booking, |told| {
                told.has_seats = false;
                let why = release_reason(*reason);
                if seats.is_empty() {
                    format!("The booking is over for good: {why}.")
                } else {
                    format!("{}: {why}.", are(seats, "given back"))
                }
            }),
            Event::SeatsSold { booking, seats, .. } => self.about(*booking, |told| {
                told.has_seats = true;
                format!("{}.", are(seats, "yours"))
            }),
            Event::ScreeningCancelled { reason, .. } => {
                self.has_seats.then(|| with_reason("The screening was cancelled", reason.as_deref()))
            }
            Event::TicketCheckedIn { booking, seat, .. } => {
                self.about(*booking, |_| format!("The ticket for seat {seat} was used."))
            }
        }
    }

    /// What an event of the booking itself means.
    pub fn of_booking(event: &booking::Event) -> String {
        use booking::Event;
        match event {
            Event::BookingOpened { reservation } => {
                let priced = reservation.seats.iter().map(|priced| priced.seat.clone());
                let seats: Vec<SeatName> = priced.collect();
                format!("The booking of {} was opened.", named(&seats))
            }
            Event::PaymentRequested { method, amount, .. } => {
                format!("A payment of {} {} was asked for.", amount_in_words(*amount), by(*method))
            }
            Event::PaymentFailed { reason, .. } => {
                format!("The payment came to nothing: {}.", failure_reason(*reason))
            }
            Event::BookingConfirmed { method, amount, tickets, .. } => {
                let tickets = if tickets.len() == 1 { "ticket is" } else { "tickets are" };
                let amount = amount_in_words(*amount);
                format!("Paid {amount} {}: the booking is confirmed, and the {tickets} yours.", by(*method))
            }
            Event::BookingExpired { .. } => "The booking expired: it was not paid in time.".to_owned(),
            Event::BookingCancelled { by, reason, refund_due, .. } => {
                let cancelled = match by {
                    CancelledBy::Customer => "You cancelled the booking",
                    CancelledBy::House => "The house cancelled the booking",
                };
                let cancelled = with_reason(cancelled, reason.as_deref());
                match refund_due {
                    Some(due) => format!("{cancelled} {} will come back.", amount_in_words(due.amount)),
                    None => cancelled,
                }
            }
            Event::BookingRefunded { target, amount, .. } => {
                format!("{} are back {}.", amount_in_words(*amount), payment::at(*target))
            }
        }
    }

    fn about(&mut self, booking: BookingId, tell: impl FnOnce(&mut Self) -> String) -> Option<String> {
        (booking == self.booking).then(|| tell(self))
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M on %-d %B %Y").to_string()
    }
}

/// `Seats are held`.
fn are(seats: &[SeatName], what: &str) -> String {
    let verb = if seats.len() == 1 { "is" } else { "are" };
    let named = named(seats);
    let mut letters = named.chars();
    let capital = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
    format!("{} {verb} {what}", capital.chain(letters).collect::<String>())
}

/// `seats and A-3`.
fn named(seats: &[SeatName]) -> String {
    match seats {
        [] => "no seats".to_owned(),
        [seat] => format!("seat {seat}"),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(|SeatName(name)| name.as_str()).collect();
            format!("seats {} and {last}", first.join(", "))
        }
    }
}

fn with_reason(what: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| format!("{what}."), |reason| format!("{what}: {reason}."))
}

fn by(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Wallet => "from the wallet",
        PaymentMethod::Card => "by card",
    }
}

fn release_reason(reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::Lapsed => "no payment came in time",
        ReleaseReason::GivenUp => "the money came too late and went back",
        ReleaseReason::CancelledByCustomer => "you cancelled",
        ReleaseReason::CancelledByHouse => "the house cancelled",
    }
}

fn failure_reason(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::InsufficientFunds => "the wallet does not hold enough",
        FailureReason::Declined => "the card was declined",
        FailureReason::TimedOut => "it was not completed in time",
        FailureReason::ProviderUnavailable => "the payment provider could not be reached",
        FailureReason::SentBack => "another amount came than was asked for, and it was sent back",
        FailureReason::SeatsGone => "the seats belong to somebody else by now, and the money went back",
        FailureReason::BookingClosed => "the screening had started, and the money went back",
        FailureReason::PaidTwice => "another payment paid the booking, and the money went back",
        FailureReason::Cancelled => "the booking was cancelled, and the money went back",
    }
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::{Currency, Money, PaymentId, ScreeningId, UserId};
    use uuid::Uuid;

    use super::*;

    const OURS: BookingId = BookingId(Uuid::from_u128(1));
    const THEIRS: BookingId = BookingId(Uuid::from_u128(2));
    const AMOUNT: Money = Money { amount_minor: 50_000, currency: Currency::INR };

    fn seats(names: &[&str]) -> Vec<SeatName> {
        names.iter().map(|name| SeatName((*name).to_owned())).collect()
    }

    fn reserved(booking: BookingId) -> screening::Event {
        screening::Event::SeatsReserved {
            booking,
            customer: UserId(Uuid::nil()),
            seats: seats(&["C-7", "C-8"]),
            amount: AMOUNT,
            held_until: "2026-11-27T13:08:00Z".parse().unwrap(),
            fingerprint: None,
        }
    }

    fn teller() -> Teller {
        Teller::new(OURS, TimeZone::get("Asia/Kolkata").unwrap())
    }

    #[test]
    fn a_reservation_is_told_in_the_venue_s_time() {
        assert_eq!(
            teller().of_screening(&reserved(OURS)).unwrap(),
            "Seats C-7 and C-8 are held until 18:38 on 27 November 2026, for ₹500.00."
        );
    }

    #[test]
    fn what_happens_to_others_is_not_told() {
        assert_eq!(teller().of_screening(&reserved(THEIRS)), None);
    }

    #[test]
    fn a_cancelled_screening_concerns_those_who_have_seats() {
        let (cascade, reason) = (Uuid::nil(), None);
        let cancelled = screening::Event::ScreeningCancelled { cascade, reason, bookings: 1 };
        let mut teller = teller();
        assert_eq!(teller.of_screening(&cancelled), None);
        teller.of_screening(&reserved(OURS));
        assert_eq!(teller.of_screening(&cancelled).unwrap(), "The screening was cancelled.");
    }

    #[test]
    fn seats_that_go_back_are_told_with_the_reason() {
        let released = |names: &[&str]| {
            let (seats, reason) = (seats(names), ReleaseReason::Lapsed);
            teller().of_screening(&screening::Event::SeatsReleased { booking: OURS, seats, reason })
        };
        assert_eq!(released(&["A-1"]).unwrap(), "Seat A-1 is given back: no payment came in time.");
        assert_eq!(released(&[]).unwrap(), "The booking is over for good: no payment came in time.");
    }

    #[test]
    fn a_payment_is_told_from_request_to_confirmation() {
        let (booking, screening, customer) = (OURS, ScreeningId(Uuid::nil()), UserId(Uuid::nil()));
        let (payment, method) = (PaymentId(Uuid::nil()), PaymentMethod::Wallet);
        let requested = booking::Event::PaymentRequested {
            booking,
            screening,
            customer,
            payment,
            method,
            amount: AMOUNT,
            fingerprint: None,
        };
        assert_eq!(Teller::of_booking(&requested), "A payment of ₹500.00 from the wallet was asked for.");
        let confirmed = booking::Event::BookingConfirmed {
            booking,
            screening,
            customer,
            payment,
            method,
            amount: AMOUNT,
            tickets: Vec::new(),
        };
        assert_eq!(
            Teller::of_booking(&confirmed),
            "Paid ₹500.00 from the wallet: the booking is confirmed, and the tickets are yours."
        );
    }
}
