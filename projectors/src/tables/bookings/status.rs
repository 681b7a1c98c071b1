//! The status of a booking, from its two streams.

use serde::{Deserialize, Serialize};
use ticketshow_domain::{booking::BookingStatus, screening::ReleaseReason};

/// State of a booking's seats in the screening's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Claim {
    Held,
    Sold,
    /// Not paid in time; a late payment may still get the seats.
    Lapsed,
    GivenUp,
    Cancelled,
}

impl Claim {
    /// Returns the claim after its seats were released. An expired booking stays expired, even if it is cancelled later.
    pub fn released(self, reason: ReleaseReason) -> Self {
        match (self, reason) {
            (claim, ReleaseReason::Moved) => claim,
            (_, ReleaseReason::Lapsed) => Self::Lapsed,
            (_, ReleaseReason::GivenUp)
            | (
                Self::Lapsed | Self::GivenUp,
                ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse,
            ) => Self::GivenUp,
            (
                Self::Held | Self::Sold | Self::Cancelled,
                ReleaseReason::CancelledByCustomer | ReleaseReason::CancelledByHouse,
            ) => Self::Cancelled,
        }
    }

    /// Returns the status of the booking. Once its own stream has decided, that counts; until then the seats do.
    pub fn status(self, booking: Option<BookingStatus>) -> BookingStatus {
        let undecided = match booking {
            None => BookingStatus::Held,
            Some(status @ (BookingStatus::Held | BookingStatus::Paying)) => status,
            Some(
                status @ (BookingStatus::Confirmed
                | BookingStatus::Expired
                | BookingStatus::Cancelled
                | BookingStatus::Refunded),
            ) => return status,
        };
        match self {
            Self::Held | Self::Sold => undecided,
            Self::Lapsed | Self::GivenUp => BookingStatus::Expired,
            Self::Cancelled => BookingStatus::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BookingStatus::{Cancelled, Confirmed, Expired, Held, Paying, Refunded};
    use ReleaseReason::{CancelledByCustomer, CancelledByHouse, GivenUp, Lapsed};

    #[test]
    fn a_hold_ends_with_its_seats() {
        assert_eq!(Claim::Held.status(None), Held);
        assert_eq!(Claim::Held.released(Lapsed).status(None), Expired);
        assert_eq!(Claim::Held.released(CancelledByCustomer).status(None), Cancelled);
        assert_eq!(Claim::Held.released(Lapsed).status(Some(Paying)), Expired);
        assert_eq!(Claim::Held.released(Lapsed).status(Some(Held)), Expired);
    }

    #[test]
    fn a_late_sale_revives_an_expired_booking_once_it_is_confirmed() {
        let lapsed = Claim::Held.released(Lapsed);
        assert_eq!(lapsed.status(Some(Expired)), Expired);
        assert_eq!(Claim::Sold.status(Some(Expired)), Expired);
        assert_eq!(Claim::Sold.status(Some(Confirmed)), Confirmed);
    }

    #[test]
    fn a_decided_booking_ignores_its_screening() {
        for status in [Confirmed, Expired, Cancelled, Refunded] {
            for claim in [Claim::Held, Claim::Sold, Claim::Lapsed, Claim::GivenUp, Claim::Cancelled] {
                assert_eq!(claim.status(Some(status)), status);
            }
        }
    }

    #[test]
    fn an_expired_booking_is_not_cancelled_later() {
        let gone = Claim::Held.released(Lapsed).released(CancelledByHouse);
        assert_eq!((gone, gone.status(None)), (Claim::GivenUp, Expired));
        assert_eq!(Claim::Sold.released(CancelledByHouse), Claim::Cancelled);
        assert_eq!(Claim::Held.released(GivenUp).status(Some(Paying)), Expired);
    }
}
