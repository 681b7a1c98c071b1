//! Moves of a paid booking to other seats, of the same screening or another one of its show. The booking keeps its id, its number
//! and its payment. It asks for the move, the screenings exchange the seats, and the booking follows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{
    Currency, Fingerprint, Money, PaymentId, ScreeningId, SeatName,
    booking::{CancelledBy, PaymentMethod, RefundDue},
    hold::PricedSeat,
    pricing::{Charges, Quote},
};

/// A move, as it was requested and decided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SeatMove {
    /// Identity of the move, which happens once. A difference is paid, or goes back, under the same id.
    pub id: PaymentId,
    /// The payment that bought the booking.
    pub payment: PaymentId,
    /// Its method.
    pub method: PaymentMethod,
    /// Screening of the old seats.
    pub from: ScreeningId,
    /// Old seats: all that the booking has.
    pub given: Vec<SeatName>,
    /// Screening, seats and times that the booking moves to. The prices are those that count as paid.
    pub to: MoveTarget,
    /// Treatment of a price difference.
    pub settle: Settlement,
    /// Party that moves the booking.
    pub by: CancelledBy,
    /// Difference to pay.
    pub to_pay: Option<Money>,
    /// Difference that goes back to the payment that bought the booking. Other payments may contribute more.
    pub due: Option<Money>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// Method of the difference, if that is a payment of its own with the id of the move. `None` if there is none, and if the wallet
    /// that bought the booking pays it: then it belongs to that payment. Absent from the log
    /// unless it is set.
    #[serde(default)]
    pub apart: Option<PaymentMethod>,
    /// Until this moment the new seats are kept for a checkout. Absent from the log unless it is set.
    #[serde(default)]
    pub pay_until: Option<Timestamp>,
    /// Prices of the new seats less those of the old ones, if the house waives the difference; negative if the new seats
    /// cost less. Absent from the log unless it is set.
    #[serde(default)]
    pub waived: Option<Money>,
    /// Reason of the house. Absent from the log unless it is set.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Serialize for SeatMove {
    /// Snapshots have all fields, because postcard does not name them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let writes_all = !serializer.is_human_readable();
        let (is_apart, is_timed) =
            (writes_all || self.apart.is_some(), writes_all || self.pay_until.is_some());
        let (is_waived, has_reason) =
            (writes_all || self.waived.is_some(), writes_all || self.reason.is_some());
        let fields =
            11 + [is_apart, is_timed, is_waived, has_reason].into_iter().map(usize::from).sum::<usize>();
        let mut wanted = serializer.serialize_struct("SeatMove", fields)?;
        wanted.serialize_field("id", &self.id)?;
        wanted.serialize_field("payment", &self.payment)?;
        wanted.serialize_field("method", &self.method)?;
        wanted.serialize_field("from", &self.from)?;
        wanted.serialize_field("given", &self.given)?;
        wanted.serialize_field("to", &self.to)?;
        wanted.serialize_field("settle", &self.settle)?;
        wanted.serialize_field("by", &self.by)?;
        wanted.serialize_field("to_pay", &self.to_pay)?;
        wanted.serialize_field("due", &self.due)?;
        wanted.serialize_field("fingerprint", &self.fingerprint)?;
        if is_apart {
            wanted.serialize_field("apart", &self.apart)?;
        }
        if is_timed {
            wanted.serialize_field("pay_until", &self.pay_until)?;
        }
        if is_waived {
            wanted.serialize_field("waived", &self.waived)?;
        }
        if has_reason {
            wanted.serialize_field("reason", &self.reason)?;
        }
        wanted.end()
    }
}

impl SeatMove {
    /// Returns `true` if the booking stays in its screening, which then exchanges the seats in one commit.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.from == self.to.screening
    }

    /// Returns the refund of a difference, if one goes back.
    #[must_use]
    pub fn refund_due(&self) -> Option<RefundDue> {
        let Self { payment, method, due, .. } = *self;
        due.map(|amount| RefundDue { payment, method, amount, to: None })
    }

    /// Returns `true` if the customer pays a difference at the provider's checkout.
    #[must_use]
    pub fn is_paid_by_card(&self) -> bool {
        self.apart == Some(PaymentMethod::Card)
    }

    /// Returns the method of the difference.
    #[must_use]
    pub fn difference_method(&self) -> PaymentMethod {
        self.apart.unwrap_or(PaymentMethod::Wallet)
    }

    /// Returns the names of the new seats.
    #[must_use]
    pub fn new_seats(&self) -> Vec<SeatName> {
        self.to.new_seats()
    }
}

/// Seats that a booking can move to, as their screening describes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MoveTarget {
    /// Screening of the seats.
    pub screening: ScreeningId,
    /// Seats with their prices, one for each that the booking has.
    pub seats: Vec<PricedSeat>,
    /// Currency of the prices.
    pub currency: Currency,
    /// Start of the screening.
    pub starts_at: Timestamp,
    /// Until this moment the customer may cancel, or move again.
    pub cancel_until: Timestamp,
    /// Fee and tax.
    #[serde(default)]
    pub charges: Charges,
    /// Charge that the house keeps from the refund of each cancellation by the customer, in minor units.
    #[serde(default)]
    pub cancellation_fee_minor: i64,
    /// Seats among them that the customer asks for as wheelchair places or companion seats. Absent from the log if there are
    /// none.
    #[serde(default)]
    pub wheelchairs: Vec<SeatName>,
}

impl Serialize for MoveTarget {
    /// Snapshots have all fields, because postcard does not name them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { screening, seats, currency, starts_at, cancel_until, charges, .. } = self;
        let Self { cancellation_fee_minor, wheelchairs, .. } = self;
        let is_written = !wheelchairs.is_empty() || !serializer.is_human_readable();
        let mut target = serializer.serialize_struct("MoveTarget", 7 + usize::from(is_written))?;
        target.serialize_field("screening", screening)?;
        target.serialize_field("seats", seats)?;
        target.serialize_field("currency", currency)?;
        target.serialize_field("starts_at", starts_at)?;
        target.serialize_field("cancel_until", cancel_until)?;
        target.serialize_field("charges", charges)?;
        target.serialize_field("cancellation_fee_minor", cancellation_fee_minor)?;
        if is_written {
            target.serialize_field("wheelchairs", wheelchairs)?;
        }
        target.end()
    }
}

impl MoveTarget {
    /// Returns the names of the seats.
    #[must_use]
    pub fn new_seats(&self) -> Vec<SeatName> {
        self.seats.iter().map(|priced| priced.seat.clone()).collect()
    }

    /// Returns what counts as paid for the seats, with their fees.
    #[must_use]
    pub fn amount(&self) -> Money {
        let amount_minor = self.charges.total_minor(&self.seats);
        Money { amount_minor, currency: self.currency }
    }

    /// Returns what the seats cost one by one.
    #[must_use]
    pub fn quote(&self) -> Quote {
        Quote { lines: self.seats.clone(), charges: self.charges.clone() }
    }
}

/// A move to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMove {
    /// Identity of the move, the same for a repeated request.
    pub id: PaymentId,
    /// Seats to move to.
    pub to: MoveTarget,
    /// Treatment of a price difference.
    pub settle: Settlement,
    /// Way to pay a difference; by default, that of the booking.
    pub method: Option<PaymentMethod>,
    /// Party that moves the booking.
    pub by: CancelledBy,
    /// Reason of the house.
    pub reason: Option<String>,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
}

/// Treatment of the difference between the prices of the old and the new seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// A higher price is paid, and a lower price is refunded.
    Pay,
    /// A lower price is refunded. A higher price is refused.
    Refund,
    /// The price of the old seats counts as full payment of the new ones.
    Waive,
}

/// Reason why a move failed. The booking stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveRefusal {
    /// Another booking, or the house, has a seat.
    SeatTaken,
    /// The screening has no such seat, or a seat is named twice.
    UnknownSeat,
    /// The new screening has started.
    BookingClosed,
    /// A screening is cancelled.
    ScreeningCancelled,
    /// The old screening is over.
    ScreeningOver,
    /// The wallet does not pay the difference.
    InsufficientFunds,
    /// A ticket of the booking was used.
    CheckedIn,
    /// Seats of the booking were given back meanwhile.
    SeatsChanged,
    /// The booking was cancelled meanwhile.
    BookingCancelled,
    /// The customer would have too many seats of the new screening.
    TooManySeats,
    /// The difference was not paid by card in time, the card was declined, or another amount was captured.
    NotPaid,
    /// The customer abandoned the open checkout.
    GivenUp,
    /// The screening of the new seats begins at another time by now.
    TimeChanged,
}

/// End of a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoveOutcome {
    /// Not known yet.
    Open,
    /// The booking has the new seats.
    Moved,
    /// The booking stays as it was. The seats are those that were taken.
    Refused(MoveRefusal, Vec<SeatName>),
}
