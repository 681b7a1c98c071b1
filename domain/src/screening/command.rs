//! Requests to a screening.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    ReleaseReason, Wish, blocks::WantedBlock, door::OfflineCheckIn, messages::Message, moving::MovedSeats,
};
use crate::{
    BookingId, Fingerprint, PaymentId, ScreenId, ScreeningId, SeatName, UserId,
    counter::{CounterSale, CounterSeat, SaleDiscount},
    pricing::WantedSeat,
    promise::Promise,
    rescheduling::WantedChange,
    screen::HouseBlock,
    seat_return::SeatReturn,
};

/// Requests to a screening.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Opens the screening for booking. It keeps the seats of `blocks` back from its beginning.
    OpenScreening { screening: ScreeningId, promise: Arc<Promise>, blocks: Vec<HouseBlock> },
    /// Holds seats for a customer. Lapsed holds of others on these seats are released in the same commit.
    ReserveSeats {
        booking: BookingId,
        customer: UserId,
        seats: Vec<WantedSeat>,
        fingerprint: Option<Fingerprint>,
    },
    /// Holds seats in place of those of `replaced`, an unpaid hold of the same customer, which is released in the same commit. If it is
    /// refused, that hold stays as it is.
    ChangeHold {
        booking: BookingId,
        customer: UserId,
        seats: Vec<WantedSeat>,
        replaced: BookingId,
        fingerprint: Option<Fingerprint>,
    },
    /// Extends a hold while its customer is at the provider's checkout: once per booking, never past the start. A hold that replaced an
    /// extended one is not extended again.
    ExtendHold { booking: BookingId },
    /// Releases the seats of a customer who has not begun to pay. Refused once they are sold: with a payment under way,
    /// the booking is cancelled first, and then its seats are released.
    CancelHold { booking: BookingId },
    /// Takes unpaid seats back from a customer for the house. Refused once they are sold.
    TakeBackHold { booking: BookingId },
    /// Releases held or sold seats and voids their tickets. Refused to a customer whose ticket was used.
    ReleaseSeats { booking: BookingId, reason: ReleaseReason },
    /// Sends a message to everybody who has paid seats. `id` is the same for a repeated request.
    SendMessage { id: Uuid, message: Message, by: UserId, fingerprint: Option<Fingerprint> },
    /// Takes sold seats back and voids their tickets: those of `returned`, or, if it names none, all that are left. Refused if
    /// one of their tickets was used, to a customer after the cut-off, and to everybody once the screening is over.
    TakeBackSeats { booking: BookingId, returned: SeatReturn },
    /// Keeps `seats`, all that a paid booking has, for its move to another screening. Refused if a ticket was used.
    BeginMove { booking: BookingId, id: PaymentId, seats: Vec<SeatName> },
    /// Ends a move that failed.
    EndMove { booking: BookingId, id: PaymentId },
    /// Keeps the new seats of a move until its difference is paid, but not longer than that. Refused as [`Command::MoveIn`] would be.
    KeepForMove { moved: MovedSeats, until: Timestamp },
    /// Puts seats that were kept for a move on sale again. Without effect if there are none.
    EndKeeping { id: PaymentId },
    /// Sells seats to a paid booking, those included that are kept for the move, in exchange for those it has here, if any.
    MoveIn(MovedSeats),
    /// Releases the seats of a booking that has those of another screening since a move, or will not have these.
    MoveOut { booking: BookingId, id: PaymentId },
    /// Releases the seats of bookings that the house cancelled, as many as fit into a commit; bookings without seats are
    /// skipped. Repeat while one of them is active.
    ReleaseCancelled { bookings: Vec<BookingId> },
    /// Releases lapsed holds and blocks that are over, at most `Policy::lapses_per_commit` bookings at once and as many as fit into a commit:
    /// repeat while [`Screening::next_lapse`] is due. Reminds the guests if it is time for that, too: one timer does both.
    ReleaseLapsedHolds,
    /// Sells the seats to the customer who paid.
    SellSeats { booking: BookingId, payment: PaymentId },
    /// Cancels the screening, as decided at `decided_at` before its start. The cascade cancels its bookings one by one.
    CancelScreening { cascade: Uuid, reason: Option<String>, decided_at: Timestamp },
    /// Records that a cancelled screening has no active claim left. Without effect while one is active.
    RecordCleared,
    /// Admits guests of a booking, once per seat, from some hours before the start until the end: those of `seats`, or, if it is empty, all
    /// who are not in yet. `check_in` is the same for a repeated request.
    CheckInTickets {
        booking: BookingId,
        seats: Vec<SeatName>,
        by: UserId,
        check_in: Uuid,
        fingerprint: Option<Fingerprint>,
    },
    /// Records check-ins that a door made without a network, under the name of its device.
    ReportCheckIns { check_ins: Vec<OfflineCheckIn>, by: UserId, device: String },
    /// Takes a check-in back, until the end of the screening.
    UndoCheckIn { check_in: Uuid, seat: SeatName, by: UserId },
    /// Keeps seats back for the house. Lapsed holds on them are released in the same commit.
    BlockSeats { block: Uuid, wanted: WantedBlock, by: UserId, fingerprint: Option<Fingerprint> },
    /// Keeps seats back as the screen does: those that are free, and the others once they are. Without effect once the screening has
    /// started or left that screen, and if it follows the block already.
    FollowBlock { screen: ScreenId, block: HouseBlock },
    /// Puts the seats of a block on sale again.
    ReleaseBlock { block: Uuid, by: UserId },
    /// Puts the seats that follow a block of the screen on sale again. Without effect if there are none.
    ReleaseScreenBlock { block: Uuid, by: UserId },
    /// Sells seats at the counter at once, until the end of the screening. `customer` is the account or, without one, a person
    /// of its own.
    SellAtCounter {
        booking: BookingId,
        customer: UserId,
        seats: Vec<CounterSeat>,
        sale: CounterSale,
        fingerprint: Option<Fingerprint>,
    },
    /// The same, for less. Refused if the prices are not those that the discount was computed for.
    SellDiscounted {
        booking: BookingId,
        customer: UserId,
        seats: Vec<CounterSeat>,
        sale: CounterSale,
        fingerprint: Option<Fingerprint>,
        discount: SaleDiscount,
    },
    /// Gives a customer a place on the waiting list. `place` is the same for a repeated request. Refused while the seats are free.
    JoinWaitingList { place: Uuid, customer: UserId, wish: Wish, fingerprint: Option<Fingerprint> },
    /// Gives up a place on the waiting list.
    LeaveWaitingList { place: Uuid },
    /// Changes the prices of seats sold from now on.
    ChangePrices { wanted: WantedChange },
    /// Changes time, screen or both, whose slot a calendar has reserved. Decided once: a refusal is an event.
    ChangeScreening { wanted: WantedChange },
    /// Records that the calendars and the bookings have followed a change. The next one can begin.
    CompleteChange { change: Uuid },
}
