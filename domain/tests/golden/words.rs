//! Serialized names of enum variants in events. They are frozen, like the events themselves.

use serde_json::{from_value, json, to_value};
use ticketshow_domain::{
    BookingId, PaymentId, SeatStatus,
    account::Role,
    booking::{BookingStatus, CancelledBy, FailureReason, PaymentMethod},
    payment::{DisputeStatus, Purpose, RefundReason, RefundTarget, ReviewDecision},
    pricing::SingleSeats,
    screening::ReleaseReason,
    seat_move::{MoveRefusal, Settlement},
    seat_return::RefundWay,
    wallet::EntryKind,
};
use uuid::Uuid;

/// A new variant without its word does not compile.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal)+ })+) => {
        #[test]
        fn serialized_names_never_change() {
            $(
                for value in [$($name::$variant),+] {
                    let word = match value {
                        $($name::$variant => $word,)+
                    };
                    assert_eq!(to_value(value).unwrap(), json!(word));
                    assert_eq!(from_value::<$name>(json!(word)).unwrap(), value);
                }
            )+
        }
    };
}

words! {
    Role {
        Customer = "customer" Staff = "staff" Door = "door" BoxOffice = "box_office" Accountant = "accountant"
        Manager = "manager" Admin = "admin"
    }
    SeatStatus { Free = "free" Held = "held" Sold = "sold" Blocked = "blocked" }
    ReleaseReason {
        Lapsed = "lapsed"
        GivenUp = "given_up"
        CancelledByCustomer = "cancelled_by_customer"
        CancelledByHouse = "cancelled_by_house"
        Moved = "moved"
    }
    SingleSeats {
        Allow = "allow"
        Warn = "warn"
        Refuse = "refuse"
    }
    BookingStatus {
        Held = "held"
        Paying = "paying"
        Confirmed = "confirmed"
        Expired = "expired"
        Cancelled = "cancelled"
        Refunded = "refunded"
    }
    PaymentMethod {
        Wallet = "wallet"
        Card = "card"
        Cash = "cash"
        CardTerminal = "card_terminal"
        Upi = "upi"
        Complimentary = "complimentary"
    }
    FailureReason {
        InsufficientFunds = "insufficient_funds"
        Declined = "declined"
        TimedOut = "timed_out"
        ProviderUnavailable = "provider_unavailable"
        SentBack = "sent_back"
        SeatsGone = "seats_gone"
        BookingClosed = "booking_closed"
        PaidTwice = "paid_twice"
        Cancelled = "cancelled"
        Abandoned = "abandoned"
    }
    CancelledBy { Customer = "customer" House = "house" }
    RefundTarget { Wallet = "wallet" Card = "card" }
    RefundReason {
        CancelledByCustomer = "cancelled_by_customer"
        CancelledByHouse = "cancelled_by_house"
        PaidTwice = "paid_twice"
        SeatsGone = "seats_gone"
        Cancelled = "cancelled"
        Decided = "decided"
        SeatsReturned = "seats_returned"
    }
    Settlement { Pay = "pay" Refund = "refund" Waive = "waive" }
    MoveRefusal {
        SeatTaken = "seat_taken"
        UnknownSeat = "unknown_seat"
        BookingClosed = "booking_closed"
        ScreeningCancelled = "screening_cancelled"
        ScreeningOver = "screening_over"
        InsufficientFunds = "insufficient_funds"
        CheckedIn = "checked_in"
        SeatsChanged = "seats_changed"
        BookingCancelled = "booking_cancelled"
        TooManySeats = "too_many_seats"
        NotPaid = "not_paid"
        GivenUp = "given_up"
        TimeChanged = "time_changed"
    }
    RefundWay { Original = "original" Wallet = "wallet" None = "none" Cash = "cash" }
    ReviewDecision { Accept = "accept" Refund = "refund" }
    DisputeStatus { Open = "open" Won = "won" Lost = "lost" }
    EntryKind { TopUp = "top_up" Payment = "payment" Refund = "refund" Credit = "credit" }
}

#[test]
fn a_purpose_names_its_booking() {
    let id = "01900000-0000-7000-8000-000000000006";
    let booking = Purpose::Booking { booking: BookingId(Uuid::try_parse(id).unwrap()) };
    let (of, booking_id) = (PaymentId(Uuid::try_parse(id).unwrap()), BookingId(Uuid::try_parse(id).unwrap()));
    let part = Purpose::Part { of, booking: booking_id };
    let difference = Purpose::Difference { booking: booking_id };
    let stray = Purpose::Stray { of: PaymentId(Uuid::try_parse(id).unwrap()) };
    for (purpose, written) in [
        (booking, json!({ "booking": { "booking": id } })),
        (Purpose::TopUp, json!("top_up")),
        (stray, json!({ "stray": { "of": id } })),
        (part, json!({ "part": { "of": id, "booking": id } })),
        (difference, json!({ "difference": { "booking": id } })),
    ] {
        assert_eq!(to_value(&purpose).unwrap(), written);
        assert_eq!(from_value::<Purpose>(written).unwrap(), purpose);
    }
}
