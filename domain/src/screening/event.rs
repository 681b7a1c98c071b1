//! Facts of a screening, as the log has them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Message, TicketUse, Wish};
use crate::{
    BookingId, Fingerprint, Money, PaymentId, PromotionId, ScreeningId, SeatName, UserId,
    counter::CounterSale, pricing::Quote, promise::Promise, seat_return::SeatReturn,
};

/// Reason for a release of seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// Not paid in time. A late payment may buy them if they are still free.
    Lapsed,
    /// Money came too late to buy them and went back: the booking is over.
    GivenUp,
    /// The customer cancelled.
    CancelledByCustomer,
    /// The house cancelled.
    CancelledByHouse,
    /// The booking has seats of another screening instead.
    Moved,
}

/// Facts of a screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        /// Absent from events of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<Quote>,
        /// Hold that this one replaces. It is released first, in the same commit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<BookingId>,
    },
    HoldExtended {
        booking: BookingId,
        held_until: Timestamp,
    },
    /// `seats` is empty if they had lapsed before and only the reason is final now.
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
    /// `bookings` had paid seats at that moment.
    MessageSent {
        id: Uuid,
        message: Message,
        by: UserId,
        bookings: u32,
        fingerprint: Option<Fingerprint>,
    },
    /// Guests are reminded of the start: those who have paid seats and held them first until `held_until` or before, and those who moved
    /// here. `bookings` of them did at that moment.
    GuestsReminded {
        starts_at: Timestamp,
        held_until: Timestamp,
        bookings: u32,
    },
    /// `left` seats stay with the booking. Without any, it has ended.
    SeatsTakenBack {
        booking: BookingId,
        returned: SeatReturn,
        left: u32,
    },
    /// `bookings` had seats at that moment, paid or not.
    ScreeningCancelled {
        cascade: Uuid,
        reason: Option<String>,
        bookings: u32,
    },
    /// No booking has a seat of the cancelled screening any more.
    ScreeningCleared {
        cascade: Uuid,
    },
    TicketCheckedIn {
        booking: BookingId,
        seat: SeatName,
        by: UserId,
        at: Timestamp,
        /// Absent from check-ins of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_in: Option<Uuid>,
        /// Name of the device, for a check-in made without a network.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fingerprint: Option<Fingerprint>,
    },
    CheckInUndone {
        booking: BookingId,
        seat: SeatName,
        check_in: Uuid,
        by: UserId,
    },
    /// `by` is a member of staff.
    SeatsBlocked {
        block: Uuid,
        seats: Vec<SeatName>,
        reason: String,
        release_at: Option<Timestamp>,
        by: UserId,
        fingerprint: Option<Fingerprint>,
        /// Block of the screen that this one follows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        screen_block: Option<Uuid>,
        /// Seats that others have. They are blocked once they are free.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        awaited: Vec<SeatName>,
    },
    /// Awaited seats became free in the same commit, and belong to the block now.
    BlockGrown {
        block: Uuid,
        seats: Vec<SeatName>,
    },
    /// `by` is `None` if its time had come. The block is over once it has no seats and awaits none.
    BlockReleased {
        block: Uuid,
        seats: Vec<SeatName>,
        by: Option<UserId>,
        /// Seats that it no longer awaits.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        awaited: Vec<SeatName>,
    },
    /// A door without a network let a guest in whose ticket was used before, or was void: `used` is `None` then.
    AdmissionConflicted {
        booking: BookingId,
        seat: SeatName,
        by: UserId,
        at: Timestamp,
        check_in: Uuid,
        device: Option<String>,
        used: Option<TicketUse>,
    },
    /// `amount` is zero for complimentary tickets.
    SeatsSoldAtCounter {
        booking: BookingId,
        customer: UserId,
        seats: Vec<SeatName>,
        amount: Money,
        sale: CounterSale,
        at: Timestamp,
        fingerprint: Option<Fingerprint>,
        /// Absent from events of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<Quote>,
        /// Promotion that the discount comes from; absent without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promotion: Option<PromotionId>,
    },
    /// The seats of the booking are kept for its move to another screening.
    MoveBegun {
        booking: BookingId,
        id: PaymentId,
    },
    /// The move failed.
    MoveEnded {
        booking: BookingId,
        id: PaymentId,
    },
    /// A paid booking moved to `seats`, in exchange for `given` if it had seats here. `amount` counts as paid.
    SeatsMovedIn {
        booking: BookingId,
        customer: UserId,
        payment: PaymentId,
        id: PaymentId,
        seats: Vec<SeatName>,
        given: Vec<SeatName>,
        amount: Money,
        /// Absent from events of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quote: Option<Quote>,
    },
    /// `number` is the order of the places.
    WaitingListJoined {
        place: Uuid,
        customer: UserId,
        wish: Wish,
        number: u64,
        at: Timestamp,
        fingerprint: Option<Fingerprint>,
    },
    WaitingListLeft {
        place: Uuid,
        customer: UserId,
    },
    /// The seats that the event before has reserved, in the same commit, are an offer to a customer who waits.
    SeatsOffered {
        place: Uuid,
        booking: BookingId,
        customer: UserId,
        held_until: Timestamp,
    },
    /// Seats sold from now on cost what `promise` says. With another time or screen, bookings of that moment can be cancelled
    /// without charge until `free_until`; `bookings` of them had paid seats.
    ScreeningChanged {
        change: Uuid,
        promise: Arc<Promise>,
        by: UserId,
        at: Timestamp,
        free_until: Option<Timestamp>,
        bookings: u32,
        fingerprint: Option<Fingerprint>,
    },
    /// The screening stays as it was, and does not need the slot that was reserved for the change.
    ChangeRefused {
        change: Uuid,
        reason: String,
        by: UserId,
        fingerprint: Option<Fingerprint>,
    },
    /// Calendars and bookings have followed a change to another time or screen.
    ChangeCompleted {
        change: Uuid,
    },
    /// Wheelchair places that were kept for those who ask for them are for sale to everybody.
    WheelchairPlacesReleased {},
}
