//! Events of a booking, in plain words for the customer or for staff.

use jiff::{Timestamp, tz::TimeZone};
use ticketshow_domain::{
    BookingId, SeatName,
    booking::{self, CancelledBy, FailureReason, PaymentMethod, RefundDue},
    payment::RefundTarget,
    rescheduling::Rescheduling,
    screening::{self, ReleaseReason},
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_tickets::amount as amount_in_words;

use super::{course::Course, move_words, payment_words, reader::Reader};

/// Describes the events of one booking, one by one in log order.
pub struct Narrator {
    booking: BookingId,
    zone: TimeZone,
    /// False while the booking has no seats: the screening's cancellation then does not concern it.
    has_seats: bool,
    pub(super) course: Course,
    pub(super) reader: Reader,
}

impl Narrator {
    /// Formats times in `zone`.
    pub fn new(booking: BookingId, zone: TimeZone, reader: Reader) -> Self {
        Self { booking, zone, has_seats: false, course: Course::default(), reader }
    }

    /// Describes an event of the screening; `None` if it does not concern the booking.
    pub fn screening_event(&mut self, event: &screening::Event) -> Option<String> {
        use screening::Event;
        match event {
            Event::ScreeningOpened { .. } | Event::MessageSent { .. } | Event::ScreeningCleared { .. }
            | Event::SeatsBlocked { .. } | Event::BlockGrown { .. } | Event::BlockReleased { .. }
            | Event::WheelchairPlacesReleased {} | Event::GuestsReminded { .. }
            | Event::WaitingListJoined { .. } | Event::WaitingListLeft { .. } => None,
            // The booking's own events say it.
            Event::ScreeningChanged { .. } | Event::ChangeRefused { .. } | Event::ChangeCompleted { .. } => None,
            Event::SeatsOffered { booking, .. } => self.if_ours(*booking, |narrator| {
                let whom = narrator.reader.words("you", "the customer");
                format!("These seats were offered to {whom} from the waiting list.")
            }),
            Event::SeatsSoldAtCounter { booking, seats, .. } => self.if_ours(*booking, |narrator| {
                narrator.has_seats = true;
                format!("{} sold at the counter.", subject_and_verb(seats))
            }),
            Event::SeatsReserved { booking, seats, replaces: Some(replaced), .. } if *replaced == self.booking => {
                let who = self.reader.words("You", "The customer");
                Some(format!("{who} chose {} instead: booking {}.", named(seats), booking.reference()))
            }
            Event::SeatsReserved { booking, seats, amount, held_until, .. } => {
                self.if_ours(*booking, |narrator| {
                    narrator.has_seats = true;
                    let (until, amount) = (narrator.time(*held_until), amount_in_words(*amount));
                    format!("{} held until {until}, for {amount}.", subject_and_verb(seats))
                })
            }
            Event::HoldExtended { booking, held_until } => self.if_ours(*booking, |narrator| {
                format!("The hold on the seats was extended until {}.", narrator.time(*held_until))
            }),
            // The booking's own events say it.
            Event::MoveBegun { .. } | Event::MoveEnded { .. } | Event::SeatsReleased { reason: ReleaseReason::Moved, .. } => None,
            Event::SeatsMovedIn { booking, seats, .. } => self.if_ours(*booking, |narrator| narrator.given(seats)),
            Event::SeatsReleased { booking, seats, reason } => self.if_ours(*booking, |narrator| {
                narrator.has_seats = false;
                let why = release_reason(narrator.reader, *reason);
                if seats.is_empty() {
                    format!("The booking is closed: {why}.")
                } else {
                    format!("{} released: {why}.", subject_and_verb(seats))
                }
            }),
            Event::SeatsTakenBack { booking, returned, left } => self.if_ours(*booking, |narrator| {
                narrator.has_seats = *left > 0;
                let why = match returned.by {
                    CancelledBy::Customer => narrator.reader.words("you gave them back", "the customer gave them back"),
                    CancelledBy::House => narrator.reader.words("we took them back", "the house took them back"),
                };
                format!("{} free again: {why}.", subject_and_verb(&returned.seats))
            }),
            Event::SeatsSold { booking, seats, .. } => self.if_ours(*booking, |narrator| narrator.given(seats)),
            Event::ScreeningCancelled { reason, .. } => {
                self.has_seats.then(|| with_reason("The screening was cancelled", reason.as_deref()))
            }
            Event::TicketCheckedIn { booking, seat, .. } => {
                self.if_ours(*booking, |_| format!("The ticket for seat {seat} was used."))
            }
            Event::CheckInUndone { booking, seat, .. } => {
                self.if_ours(*booking, |_| format!("The check-in of seat {seat} was undone."))
            }
            Event::AdmissionConflicted { booking, seat, at, used, .. } => {
                self.if_ours(*booking, |narrator| {
                    let why = used.as_ref().map_or("void", |_| "used before");
                    let at = narrator.time(*at);
                    format!("The ticket for seat {seat}, which was {why}, was admitted at {at} by a door without a network.")
                })
            }
        }
    }

    /// Describes an event of the booking itself; `None` if it is for staff only, or if another event tells it.
    pub fn booking_event(&mut self, event: &booking::Event) -> Option<String> {
        let text = self.own_event(event);
        self.course.follow(event);
        text
    }

    fn own_event(&self, event: &booking::Event) -> Option<String> {
        use booking::Event;
        Some(match event {
            Event::NoteAdded { .. } | Event::BuyerErased { .. } => return None,
            Event::TicketShared { seat, .. } => {
                format!("A link that shows the ticket for seat {seat} was made.")
            }
            Event::ShareEnded { seat, .. } => format!("The link to the ticket for seat {seat} was ended."),
            Event::DiscountApplied { discount, amount, .. } => {
                let amount = amount_in_words(*amount);
                match &discount.code {
                    Some(code) => format!("Code {} lowers the price to {amount}.", code.text()),
                    None => format!("An offer lowers the price to {amount}."),
                }
            }
            Event::DiscountRemoved { amount, .. } => {
                format!("The discount was taken off. The price is {}.", amount_in_words(*amount))
            }
            Event::BookingOpened { reservation, sale: _ } => {
                let priced = reservation.seats.iter().map(|priced| priced.seat.clone());
                let seats: Vec<SeatName> = priced.collect();
                let number = reservation.booking.reference();
                format!("Booking {number} for {} was opened.", named(&seats))
            }
            Event::PaymentAttemptStarted { method, amount, .. } => {
                format!("A payment of {} {} was started.", amount_in_words(*amount), by(self.reader, *method))
            }
            Event::PaymentAttemptFailed { reason, .. } => {
                format!("The payment failed: {}.", failure_reason(self.reader, *reason))
            }
            Event::BookingConfirmed { method, amount, tickets, .. } => {
                let whose = self.reader.words("Your", "The");
                let tickets = if tickets.len() == 1 { "ticket is" } else { "tickets are" };
                let amount = amount_in_words(*amount);
                format!(
                    "The booking is confirmed: {amount} paid {}. {whose} {tickets} ready.",
                    by(self.reader, *method)
                )
            }
            Event::BookingExpired { .. } => "The booking expired because it was not paid in time.".to_owned(),
            Event::BookingCancelled { by, reason, refund_due, .. } => {
                cancelled(self.reader, *by, reason.as_deref(), *refund_due) + &self.course.returned_before()
            }
            // What the payment of a difference contributes: its refund says so.
            Event::SeatsReturned { returned, .. } if returned.seats.is_empty() => return None,
            Event::SeatsReturned { returned, due, .. } => {
                let (before, kept) =
                    (self.course.returned_before(), self.course.kept_without(&returned.seats, self.reader));
                seats_returned(self.reader, returned, due) + &before + &kept
            }
            Event::ReturnRefunded { seats, target, amount, .. } => {
                let (amount, to) = (amount_in_words(*amount), payment_words::to(self.reader, *target));
                if seats.is_empty() {
                    return Some(format!("The difference of {amount} has been refunded {to}."));
                }
                format!("{amount} for {} has been refunded {to}.", named(seats))
            }
            Event::BookingRefunded { target, amount, .. } => {
                format!("{} has been refunded {}.", amount_in_words(*amount), back_to(self.reader, *target))
            }
            Event::MoveRequested { wanted, .. } => move_words::requested(self, wanted),
            Event::MovePaid { wanted, .. } => return move_words::paid(wanted),
            Event::MoveRefused { wanted, reason, seats, .. } => {
                move_words::refused(self.reader, wanted, *reason, seats)
            }
            Event::BookingMoved { moved, .. } => move_words::completed(self, moved),
            Event::BookingRescheduled { rescheduling, .. } => self.rescheduled(rescheduling),
        })
    }

    fn rescheduled(&self, Rescheduling { before, after, free_until, .. }: &Rescheduling) -> String {
        let time = (before.starts_at != after.starts_at).then(|| {
            format!("starts at {} instead of {}", self.time(after.starts_at), self.time(before.starts_at))
        });
        let screen = (before.screen != after.screen)
            .then(|| format!("is in {} instead of {}", after.screen_name, before.screen_name));
        let changes: Vec<String> = time.into_iter().chain(screen).collect();
        let free_until = self.time(*free_until);
        format!(
            "{} changed the screening: it {}. {} can cancel free of charge until {free_until}.",
            self.reader.words("We", "The house"),
            changes.join(" and "),
            self.reader.words("You", "The customer"),
        )
    }

    /// Says that the booking has these seats.
    fn given(&mut self, seats: &[SeatName]) -> String {
        self.has_seats = true;
        format!("{} {}.", subject_and_verb(seats), self.reader.words("yours", "the customer's"))
    }

    fn if_ours(&mut self, booking: BookingId, describe: impl FnOnce(&mut Self) -> String) -> Option<String> {
        (booking == self.booking).then(|| describe(self))
    }

    pub(super) fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M on %-d %B %Y").to_string()
    }
}

fn cancelled(reader: Reader, by: CancelledBy, reason: Option<&str>, refund_due: Option<RefundDue>) -> String {
    let cancelled = match by {
        CancelledBy::Customer => {
            reader.words("You cancelled the booking", "The customer cancelled the booking")
        }
        CancelledBy::House => reader.words("We cancelled the booking", "The house cancelled the booking"),
    };
    let cancelled = with_reason(cancelled, reason);
    match refund_due {
        Some(due) if due.method.is_of_counter() => {
            let whom = reader.words("you", "the customer");
            format!("{cancelled} {} waits for {whom} at the box office.", amount_in_words(due.amount))
        }
        Some(due) => format!("{cancelled} {} will be refunded.", amount_in_words(due.amount)),
        None => cancelled,
    }
}

fn seats_returned(reader: Reader, returned: &SeatReturn, due: &RefundDue) -> String {
    let (seats, amount) = (named(&returned.seats), amount_in_words(due.amount));
    let who = match returned.by {
        CancelledBy::Customer => reader.words("You gave", "The customer gave"),
        CancelledBy::House => reader.words("We took", "The house took"),
    };
    let given = with_reason(&format!("{who} {seats} back"), returned.reason.as_deref());
    match returned.refund {
        RefundWay::Original => format!("{given} {amount} will be refunded."),
        RefundWay::Wallet => {
            let wallet = payment_words::to(reader, RefundTarget::Wallet);
            format!("{given} {amount} will be refunded {wallet}.")
        }
        RefundWay::None => format!("{given} Nothing will be refunded."),
        RefundWay::Cash => format!("{given} {amount} has been refunded in cash."),
    }
}

/// `Seats are`.
fn subject_and_verb(seats: &[SeatName]) -> String {
    let verb = if seats.len() == 1 { "is" } else { "are" };
    let named = named(seats);
    let mut letters = named.chars();
    let capital = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
    format!("{} {verb}", capital.chain(letters).collect::<String>())
}

/// `seats and A-3`.
pub(super) fn named(seats: &[SeatName]) -> String {
    match seats {
        [] => "no seats".to_owned(),
        [seat] => format!("seat {seat}"),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(|SeatName(name)| name.as_str()).collect();
            format!("seats {} and {last}", first.join(", "))
        }
    }
}

pub(super) fn with_reason(what: &str, reason: Option<&str>) -> String {
    // A reason that is a sentence has its own end, in any script.
    let is_ended = |text: &str| text.ends_with(['.', '!', '?', '…', '।', '॥', '。', '！', '？', '؟', '۔']);
    match reason {
        None => format!("{what}."),
        Some(reason) if is_ended(reason) => format!("{what}: {reason}"),
        Some(reason) => format!("{what}: {reason}."),
    }
}

fn by(reader: Reader, method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Wallet => reader.words("from your wallet", "from the wallet"),
        PaymentMethod::Card => "by card",
        PaymentMethod::Cash => "in cash",
        PaymentMethod::CardTerminal => "by card at the counter",
        PaymentMethod::Upi => "by UPI at the counter",
        PaymentMethod::Complimentary => "as complimentary tickets",
    }
}

/// The destination of a refund.
fn back_to(reader: Reader, method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Wallet => payment_words::to(reader, RefundTarget::Wallet),
        PaymentMethod::Card => payment_words::to(reader, RefundTarget::Card),
        PaymentMethod::Cash => "in cash",
        PaymentMethod::CardTerminal => "to the card that was used at the counter",
        PaymentMethod::Upi => "by UPI",
        PaymentMethod::Complimentary => "at the counter",
    }
}

fn release_reason(reader: Reader, reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::Lapsed => "the payment did not arrive in time",
        ReleaseReason::GivenUp => "the payment arrived too late and is being refunded",
        ReleaseReason::CancelledByCustomer => {
            reader.words("you cancelled the booking", "the customer cancelled the booking")
        }
        ReleaseReason::CancelledByHouse => {
            reader.words("we cancelled the booking", "the house cancelled the booking")
        }
        ReleaseReason::Moved => "the booking moved",
    }
}

fn failure_reason(reader: Reader, reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::InsufficientFunds => poor(reader),
        FailureReason::Declined => "the card was declined",
        FailureReason::TimedOut => "it was not completed in time",
        FailureReason::ProviderUnavailable => "the payment provider could not be reached",
        FailureReason::SentBack => "the amount received was not the amount due, so we are refunding it",
        FailureReason::SeatsGone => "the seats were no longer held, so any money taken is refunded",
        FailureReason::BookingClosed => "the screening had already started, so any money taken is refunded",
        FailureReason::PaidTwice => "the booking had already been paid, so any money taken again is refunded",
        FailureReason::Cancelled => "the booking had been cancelled, so any money taken is refunded",
        FailureReason::Abandoned => "the payment page was left without paying",
    }
}

pub(super) fn poor(reader: Reader) -> &'static str {
    reader.words("there is not enough money in your wallet", "there is not enough money in the wallet")
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
            quote: None,
            replaces: None,
        }
    }

    fn narrator() -> Narrator {
        Narrator::new(OURS, TimeZone::get("Asia/Kolkata").unwrap(), Reader::Customer)
    }

    #[test]
    fn a_hold_ends_in_the_venue_s_time() {
        assert_eq!(
            narrator().screening_event(&reserved(OURS)).unwrap(),
            "Seats C-7 and C-8 are held until 18:38 on 27 November 2026, for ₹500.00."
        );
    }

    #[test]
    fn other_bookings_of_the_screening_are_left_out() {
        assert_eq!(narrator().screening_event(&reserved(THEIRS)), None);
    }

    #[test]
    fn a_cancelled_screening_concerns_only_bookings_with_seats() {
        let (cascade, reason) = (Uuid::nil(), None);
        let cancelled = screening::Event::ScreeningCancelled { cascade, reason, bookings: 1 };
        let mut narrator = narrator();
        assert_eq!(narrator.screening_event(&cancelled), None);
        narrator.screening_event(&reserved(OURS));
        assert_eq!(narrator.screening_event(&cancelled).unwrap(), "The screening was cancelled.");
    }

    #[test]
    fn a_sentence_has_one_end_whatever_its_reason_ends_with() {
        for (reason, words) in [
            (None, "Cancelled."),
            (Some("Flood in the foyer"), "Cancelled: Flood in the foyer."),
            (Some("Flood in the foyer."), "Cancelled: Flood in the foyer."),
            (Some("बिजली नहीं है।"), "Cancelled: बिजली नहीं है।"),
            (Some("Sorry!"), "Cancelled: Sorry!"),
        ] {
            assert_eq!(with_reason("Cancelled", reason), words);
        }
    }

    #[test]
    fn released_seats_come_with_the_reason() {
        let released = |names: &[&str], reason| {
            let seats = seats(names);
            narrator().screening_event(&screening::Event::SeatsReleased { booking: OURS, seats, reason })
        };
        assert_eq!(
            released(&["A-1", "A-2"], ReleaseReason::Lapsed).unwrap(),
            "Seats A-1 and A-2 are released: the payment did not arrive in time."
        );
        assert_eq!(
            released(&["A-1"], ReleaseReason::CancelledByCustomer).unwrap(),
            "Seat A-1 is released: you cancelled the booking."
        );
        assert_eq!(
            released(&[], ReleaseReason::GivenUp).unwrap(),
            "The booking is closed: the payment arrived too late and is being refunded."
        );
    }

    #[test]
    fn a_payment_is_described_from_request_to_confirmation() {
        let (booking, screening, customer) = (OURS, ScreeningId(Uuid::nil()), UserId(Uuid::nil()));
        let (payment, method) = (PaymentId(Uuid::nil()), PaymentMethod::Wallet);
        let requested = booking::Event::PaymentAttemptStarted {
            booking,
            screening,
            customer,
            payment,
            method,
            amount: AMOUNT,
            fingerprint: None,
        };
        assert_eq!(
            narrator().booking_event(&requested).unwrap(),
            "A payment of ₹500.00 from your wallet was started."
        );
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
            narrator().booking_event(&confirmed).unwrap(),
            "The booking is confirmed: ₹500.00 paid from your wallet. Your tickets are ready."
        );
    }
}
