//! Rules that can forbid a command to a screening.

use jiff::Timestamp;
use uuid::Uuid;

use super::{changing::Unchangeable, door::TicketUse};
use crate::{
    Flaws, PaymentId, SeatName,
    pricing::{BrokenLimit, TicketType},
};

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such screening")]
    NotFound,
    #[error("there is no such booking")]
    UnknownBooking,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("the screening is cancelled")]
    ScreeningCancelled,
    #[error("booking closed at {0}")]
    BookingClosed(Timestamp),
    #[error("a booking has 1 to {max} seats")]
    SeatCount { max: usize },
    #[error("seat {0} is named twice")]
    DuplicateSeat(SeatName),
    #[error("there is no seat {0}")]
    UnknownSeat(SeatName),
    #[error("taken: {}", join(.0))]
    SeatTaken(Vec<SeatName>),
    #[error("kept for wheelchair users until {until}: {}", join(seats))]
    KeptForWheelchairs { seats: Vec<SeatName>, until: Timestamp },
    #[error("left alone: {}", join(.0))]
    SingleSeatLeft(Vec<SeatName>),
    #[error("you have {max} unpaid bookings of this screening")]
    TooManyHolds { max: usize },
    #[error("one customer can have {max} seats of a screening")]
    TooManySeats { max: usize },
    #[error("seats that you held were not paid; you can hold others from {0}")]
    CoolingDown(Timestamp),
    #[error("the hold has expired")]
    HoldExpired,
    #[error("payment {0} bought the seats before")]
    AlreadySold(PaymentId),
    #[error("the booking is cancelled")]
    BookingCancelled,
    #[error("the booking was given up when its money went back")]
    GivenUp,
    #[error("the ticket is void")]
    TicketVoid,
    #[error("the ticket was used at {}", .0.at)]
    AlreadyCheckedIn(TicketUse),
    #[error("tickets are checked in from {0}")]
    TooEarly(Timestamp),
    #[error("there is no such check-in")]
    UnknownCheckIn,
    #[error("the screening ended at {0}")]
    Over(Timestamp),
    #[error("a ticket of the booking was used")]
    CheckedIn,
    #[error("there is no such block")]
    UnknownBlock,
    #[error("the seller has no open till")]
    NoOpenTill,
    #[error("the prices have changed")]
    PricesChanged,
    #[error("{0}")]
    Invalid(Flaws),
    #[error("the seats are not sold")]
    NotSold,
    #[error("a screening has at most {max} messages")]
    TooManyMessages { max: usize },
    #[error("seats could be given back until {0}")]
    TooLateToReturn(Timestamp),
    #[error("the booking is being moved")]
    MoveInProgress,
    #[error("the move is over")]
    MoveOver,
    #[error("the booking has other seats by now")]
    SeatsChanged,
    #[error("the screening begins at another time by now: {0}")]
    TimeChanged(Timestamp),
    #[error("the customer is on the list already, with place {0}")]
    AlreadyWaiting(Uuid),
    #[error("the seats can be booked now")]
    SeatsAvailable,
    #[error("at most {max} customers wait for a screening")]
    WaitingListFull { max: usize },
    #[error("there is no such place")]
    UnknownPlace,
    /// `number` is the place of the seat in the request, from 0.
    #[error("seat {seat} has several ticket types: name one")]
    TicketTypeMissing { number: usize, seat: SeatName },
    /// `number` as above.
    #[error("there is no ticket type {ticket_type} for this seat")]
    UnknownTicketType { number: usize, ticket_type: TicketType },
    #[error("tickets of type {ticket_type}: {limit}")]
    TicketTypeLimit { ticket_type: TicketType, limit: BrokenLimit },
    #[error(transparent)]
    Unchangeable(Unchangeable),
}

/// Returns the names as a message lists them.
pub(super) fn join(seats: &[SeatName]) -> String {
    seats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
