//! Requests to a booking.

use uuid::Uuid;

use super::{CancelledBy, Discount, FailureReason, PaymentMethod, Ticket};
use crate::{
    BookingId, Fingerprint, Money, PaymentId, Personal, SeatName, UserId,
    counter::{CounterRefund, CounterSale},
    hold::{Reservation, Standing},
    payment::RefundTarget,
    rescheduling::Rescheduling,
    seat_move::{MoveRefusal, WantedMove},
    seat_return::SeatReturn,
};

/// Requests to a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their types say")]
pub enum Command {
    /// Begins an attempt to pay. `standing` is the state of the hold at that moment; only the screening decides whether
    /// the money buys the seats.
    PayBooking {
        reservation: Reservation,
        standing: Standing,
        payment: PaymentId,
        method: PaymentMethod,
        fingerprint: Option<Fingerprint>,
    },
    /// Confirms the booking: the payment bought the seats.
    ConfirmBooking { payment: PaymentId, tickets: Vec<Ticket> },
    /// Ends an attempt that failed.
    FailAttempt { payment: PaymentId, reason: FailureReason },
    /// Ends a booking whose hold lapsed.
    ExpireBooking,
    /// Cancels the booking. `released`: the screening has taken its seats back for this. A customer cancels a confirmed
    /// booking only after that, because the screening knows if a ticket was used.
    CancelBooking { by: CancelledBy, reason: Option<String>, cascade: Option<Uuid>, released: bool },
    /// Cancels a booking that has its seats, paid or not, because the house cancels its screening. If nobody began to
    /// pay, this opens the booking's stream, so that its owner can be notified.
    CallOff { reservation: Reservation, reason: Option<String>, cascade: Uuid },
    /// Adds a note of a member of staff, sealed with the key of the customer.
    AddNote {
        booking: BookingId,
        customer: UserId,
        note: Uuid,
        text: Personal,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    /// Forgets what a buyer without an account said at the counter, and the notes about the booking. `by` is `None` if the time for which
    /// they are kept is over.
    EraseBuyer { booking: BookingId, by: Option<UserId> },
    /// Gives seats back that the screening has taken back. With the last ones, the booking is cancelled. Without effect on a
    /// booking that is cancelled already, because all of its money goes back.
    ReturnSeats { returned: SeatReturn },
    /// Records that the money of the confirming payment is back, or that of a return of seats, by its id.
    RecordRefund { payment: PaymentId, target: RefundTarget, amount: Money },
    /// Asks for other seats, one for each that the booking has. One move is open at a time.
    RequestMove { wanted: WantedMove },
    /// Records that the difference of a move, which has a checkout of its own, was captured. From then on only a screening, or a
    /// cancellation, ends the move.
    PayMove { id: PaymentId },
    /// Completes a move: the new seats are sold to the booking.
    CompleteMove { id: PaymentId, tickets: Vec<Ticket> },
    /// Ends a move that failed. The seats are those that were taken. Nobody gives up a move whose difference is captured.
    RefuseMove { id: PaymentId, reason: MoveRefusal, seats: Vec<SeatName> },
    /// Opens and confirms the booking of seats that its screening sold at the counter.
    OpenSold { reservation: Reservation, sale: CounterSale, tickets: Vec<Ticket> },
    /// Records that the money of a booking sold at the counter is handed back there, to exactly one request.
    RefundAtCounter { target: PaymentMethod, counter: CounterRefund },
    /// Makes a link that shows the ticket of one seat. `share` is the same for a repeated request.
    ShareTicket { share: Uuid, seat: SeatName, fingerprint: Option<Fingerprint> },
    /// Ends such a link.
    EndShare { booking: BookingId, share: Uuid },
    /// Follows another time or screen of its screening.
    FollowChange { rescheduling: Rescheduling },
    /// Lowers the prices of a hold that nobody began to pay. Another promotion replaces the one before.
    ApplyDiscount { reservation: Reservation, standing: Standing, discount: Discount },
    /// Takes the discount off again. Without effect if there is none.
    RemoveDiscount,
}
