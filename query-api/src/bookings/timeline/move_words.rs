//! Moves of a booking to other seats, in plain words for the customer.

use ticketshow_domain::{
    SeatName,
    booking::CancelledBy,
    seat_move::{MoveRefusal, SeatMove},
};
use ticketshow_tickets::amount;

use super::plain_words::named;

pub fn requested(wanted: &SeatMove) -> String {
    let (old, new) = (named(&wanted.given), new_seats(wanted));
    let what = match wanted.by {
        CancelledBy::Customer => "You asked to move",
        CancelledBy::House => "We are moving you",
    };
    let what = format!("{what} from {old} to {new}.");
    match wanted.to_pay {
        Some(more) if wanted.is_paid_by_card() => {
            format!("{what} {} more is to be paid by card. The new seats are kept meanwhile.", amount(more))
        }
        Some(more) => format!("{what} {} more is to be paid from your wallet.", amount(more)),
        None => what,
    }
}

pub fn refused(wanted: &SeatMove, reason: MoveRefusal, taken: &[SeatName]) -> String {
    let why = match reason {
        MoveRefusal::SeatTaken if taken.len() == 1 => "the new seat is taken",
        MoveRefusal::SeatTaken => "the new seats are taken",
        MoveRefusal::UnknownSeat => "there are no such seats",
        MoveRefusal::BookingClosed => "the other screening has started",
        MoveRefusal::ScreeningCancelled => "the screening is cancelled",
        MoveRefusal::ScreeningOver => "the screening is over",
        MoveRefusal::InsufficientFunds => "there is not enough money in your wallet",
        MoveRefusal::CheckedIn => "a ticket has been used",
        MoveRefusal::SeatsChanged => "seats were given back meanwhile",
        MoveRefusal::BookingCancelled => "the booking was cancelled meanwhile",
        MoveRefusal::TooManySeats => "you would have too many seats of the other screening",
        MoveRefusal::NotPaid => "the difference was not paid",
        MoveRefusal::GivenUp => "the move was given up",
        MoveRefusal::TimeChanged => "the screening begins at another time by now",
    };
    format!("You stay in {}: {why}.", named(&wanted.given))
}

pub fn paid(wanted: &SeatMove) -> Option<String> {
    wanted.to_pay.map(|more| format!("The difference of {} was paid by card.", amount(more)))
}

pub fn completed(moved: &SeatMove) -> String {
    let now = format!("You have {} now, with new tickets.", new_seats(moved));
    match (moved.to_pay, moved.due) {
        (Some(_), _) if moved.is_paid_by_card() => now,
        (Some(more), _) => format!("{now} {} was paid from your wallet.", amount(more)),
        (None, Some(due)) => format!("{now} {} will be refunded.", amount(due)),
        (None, None) => now,
    }
}

fn new_seats(moved: &SeatMove) -> String {
    let new = named(&moved.new_seats());
    if moved.stays() { new } else { format!("{new} of another screening") }
}
