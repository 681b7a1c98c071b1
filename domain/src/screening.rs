//! The seats of one screening: which are free, which are held, which are sold.
//!
//! Two customers reaching for the same seat meet here and nowhere else: at every position of the log a seat has at most
//! one owner.

mod claim;
#[cfg(test)]
mod properties;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    BookingId, Context, Decider, Fingerprint, Money, PaymentId, ScreeningId, SeatIndex, SeatName, SeatStatus,
    UserId, aggregate::aggregate,
};
pub use crate::{hold::Standing, promise::Promise};
pub use claim::{Claim, ClaimStatus};

/// Why seats were given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// Nobody paid in time. A payment that comes later may take them again if they are still free.
    Lapsed,
    /// Money came but could not buy them, and went back: the booking is over for good.
    GivenUp,
    /// The customer cancelled.
    CancelledByCustomer,
    /// The house cancelled.
    CancelledByHouse,
}

/// What can be asked of a screening.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Opens it for booking.
    OpenScreening { screening: ScreeningId, promise: Arc<Promise> },
    /// Holds seats for a customer. Lapsed holds of others on these seats are released in the same commit.
    ReserveSeats {
        booking: BookingId,
        customer: UserId,
        seats: Vec<SeatName>,
        fingerprint: Option<Fingerprint>,
    },
    /// Waits longer for somebody who is at the provider's checkout. Once a booking, never past the start.
    ExtendHold { booking: BookingId },
    /// The customer no longer wants seats that nobody began to pay. Refused once they are sold: a booking that is being
    /// paid is cancelled as a booking first, and its seats are then released.
    CancelHold { booking: BookingId },
    /// Gives held or sold seats back and voids their tickets.
    ReleaseSeats { booking: BookingId, reason: ReleaseReason },
    /// The same for many bookings that the house cancelled. Those that have no seats any more are passed over. At most
    /// `Policy::lapses_per_commit` of them fit into a commit.
    ReleaseCancelled { bookings: Vec<BookingId> },
    /// Gives back what nobody paid in time, at most `Policy::lapses_per_commit` bookings at once: repeat while
    /// [`Screening::next_lapse`] is due.
    ReleaseLapsedHolds,
    /// The payment is there: the seats are the customer's.
    SellSeats { booking: BookingId, payment: PaymentId },
    /// Calls it off, as was decided at `decided_at` before its start. Its bookings are cancelled one by one by the cascade.
    CancelScreening { cascade: Uuid, reason: Option<String>, decided_at: Timestamp },
    /// Notes that nobody has a claim any more; as long as somebody has, or it is not cancelled, nothing happens.
    RecordCleared,
    /// Lets somebody in, once a seat.
    CheckInTicket { booking: BookingId, seat: SeatName, by: UserId },
}

/// What can have happened to a screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are those of the command that brought the event")]
pub enum Event {
    ScreeningOpened {
        screening: ScreeningId,
        promise: Arc<Promise>,
    },
    SeatsReserved {
        booking: BookingId,
        customer: UserId,
        seats: Vec<SeatName>,
        amount: Money,
        held_until: Timestamp,
        fingerprint: Option<Fingerprint>,
    },
    HoldExtended {
        booking: BookingId,
        held_until: Timestamp,
    },
    /// `seats` is empty if they had lapsed before and only the reason became final.
    SeatsReleased {
        booking: BookingId,
        seats: Vec<SeatName>,
        reason: ReleaseReason,
    },
    SeatsSold {
        booking: BookingId,
        customer: UserId,
        payment: PaymentId,
        seats: Vec<SeatName>,
    },
    /// `bookings` had seats at that moment, paid or not.
    ScreeningCancelled {
        cascade: Uuid,
        reason: Option<String>,
        bookings: u32,
    },
    /// Nobody has a seat of the cancelled screening any more.
    ScreeningCleared {
        cascade: Uuid,
    },
    TicketCheckedIn {
        booking: BookingId,
        seat: SeatName,
        by: UserId,
        at: Timestamp,
    },
}

/// What can stand in the way.
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
    #[error("you have {max} unpaid bookings of this screening")]
    TooManyHolds { max: usize },
    #[error("one customer can have {max} seats of a screening")]
    TooManySeats { max: usize },
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
    #[error("the ticket was used at {0}")]
    AlreadyCheckedIn(Timestamp),
}

fn join(seats: &[SeatName]) -> String {
    seats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Who has a seat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seat {
    /// Nobody.
    #[default]
    Free,
    /// A booking that is not paid; it may have lapsed without having been released.
    Held(BookingId),
    /// A paid booking.
    Sold(BookingId),
}

impl Seat {
    /// What a seat map shows.
    #[must_use]
    pub fn status(self) -> SeatStatus {
        match self {
            Self::Free => SeatStatus::Free,
            Self::Held(_) => SeatStatus::Held,
            Self::Sold(_) => SeatStatus::Sold,
        }
    }

    /// The booking that has it.
    #[must_use]
    pub fn booking(self) -> Option<BookingId> {
        match self {
            Self::Free => None,
            Self::Held(booking) | Self::Sold(booking) => Some(booking),
        }
    }
}

/// A screening as its history tells it. Large parts are persistent collections: a clone costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    promise: Option<Arc<Promise>>,
    cancelled: Option<Uuid>,
    cleared: bool,
    seats: imbl::Vector<Seat>,
    /// Released claims stay, so that a late repeat cannot revive them.
    claims: imbl::HashMap<BookingId, Arc<Claim>>,
    /// Claims that are held or sold, for the limits of a customer.
    customers: imbl::HashMap<UserId, Arc<Vec<BookingId>>>,
    /// Unpaid holds by the moment they lapse.
    lapses: imbl::OrdSet<(Timestamp, BookingId)>,
    /// Tickets used: once the seat is somebody else's, it counts no more.
    checked_in: imbl::HashMap<SeatIndex, (BookingId, Timestamp)>,
}

aggregate!(Screening,
    ScreeningOpened => "screening_opened",
    SeatsReserved => "seats_reserved",
    HoldExtended => "hold_extended",
    SeatsReleased => "seats_released",
    SeatsSold => "seats_sold",
    ScreeningCancelled => "screening_cancelled",
    ScreeningCleared => "screening_cleared",
    TicketCheckedIn => "ticket_checked_in",
);

impl Decider for Screening {
    const TYPE: &'static str = "screening";
    const STATE_FORMAT: u16 = 2;
    type Id = ScreeningId;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::OpenScreening { screening, promise } => Ok(self.open(*screening, promise)),
            Command::ReserveSeats { booking, customer, seats, fingerprint } => {
                self.reserve_seats(*booking, *customer, seats, fingerprint.as_ref(), context)
            }
            Command::ExtendHold { booking } => self.extend_hold(*booking, context),
            Command::CancelHold { booking } => self.cancel_hold(*booking),
            Command::ReleaseSeats { booking, reason } => self.release_seats(*booking, *reason),
            Command::ReleaseCancelled { bookings } => self.release_cancelled(bookings),
            Command::ReleaseLapsedHolds => Ok(self.release_lapsed_holds(context)),
            Command::SellSeats { booking, payment } => self.sell_seats(*booking, *payment, context.now),
            Command::CancelScreening { cascade, reason, decided_at } => {
                self.cancel(*cascade, reason.as_deref(), *decided_at)
            }
            Command::RecordCleared => Ok(self.record_cleared()),
            Command::CheckInTicket { booking, seat, by } => self.check_in(*booking, seat, *by, context.now),
        }
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::ScreeningOpened { screening: _, promise } => {
                self.seats = std::iter::repeat_n(Seat::Free, promise.layout.capacity()).collect();
                self.promise = Some(Arc::clone(promise));
            }
            Event::SeatsReserved { booking, customer, seats, amount, held_until, fingerprint } => {
                let claim = Claim {
                    customer: *customer,
                    seats: self.indices(seats),
                    amount: *amount,
                    reserved_until: *held_until,
                    held_until: *held_until,
                    extended: false,
                    status: ClaimStatus::Held,
                    fingerprint: fingerprint.clone(),
                };
                self.enter(*booking, claim);
            }
            Event::HoldExtended { booking, held_until } => self.amend(*booking, |claim| {
                claim.held_until = *held_until;
                claim.extended = true;
            }),
            Event::SeatsReleased { booking, seats: _, reason } => {
                self.amend(*booking, |claim| claim.status = ClaimStatus::Released(*reason));
            }
            Event::SeatsSold { booking, customer: _, payment, seats: _ } => {
                self.amend(*booking, |claim| claim.status = ClaimStatus::Sold(*payment));
            }
            Event::ScreeningCancelled { cascade, .. } => self.cancelled = Some(*cascade),
            Event::ScreeningCleared { cascade: _ } => self.cleared = true,
            Event::TicketCheckedIn { booking, seat, by: _, at } => {
                for index in self.indices(std::slice::from_ref(seat)) {
                    self.checked_in.insert(index, (*booking, *at));
                }
            }
        }
    }
}
