//! Cool-downs: a customer whose holds of a screening keep ending unpaid waits longer each time before the next one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    BookingId, Policy, UserId,
    screening::{ClaimStatus, ReleaseReason, Screening},
};

/// Holds given back that count as one that lapsed: choosing other seats a few times is usual.
const GIVEN_BACK_PER_LAPSE: u32 = 5;
/// Longest cool-down, and the time after which unpaid holds no longer count.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Holds of a customer that ended unpaid, counted until a day has passed without another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::screening) struct UnpaidHolds {
    lapsed: u32,
    given_back: u32,
    /// Latest end of such a hold.
    last: Timestamp,
}

impl UnpaidHolds {
    pub fn is_remembered(self, now: Timestamp) -> bool {
        now.duration_since(self.last) < REMEMBERED
    }

    /// Counts a hold that would have ended at `end`.
    fn count(self, given_back: bool, end: Timestamp) -> Self {
        let before = if self.is_remembered(end) { self } else { Self::default() };
        Self {
            lapsed: before.lapsed.saturating_add(u32::from(!given_back)),
            given_back: before.given_back.saturating_add(u32::from(given_back)),
            last: before.last.max(end),
        }
    }

    /// Returns the end of the cool-down, which doubles with each hold after those that are excused.
    fn cool_down(self, policy: &Policy) -> Option<Timestamp> {
        let lapses = self.lapsed + self.given_back / GIVEN_BACK_PER_LAPSE;
        let doublings =
            lapses.checked_sub(policy.lapses_excused + 1).filter(|_| policy.cool_down_seconds > 0)?;
        let longest = REMEMBERED.as_secs();
        let seconds = 2_i64.saturating_pow(doublings).saturating_mul(policy.cool_down_seconds).min(longest);
        self.last.checked_add(SignedDuration::from_secs(seconds)).ok()
    }
}

impl Screening {
    /// Returns the moment from which the customer can hold seats again, if that is after `now`.
    pub(in crate::screening) fn cooling_until(
        &self,
        customer: UserId,
        now: Timestamp,
        policy: &Policy,
    ) -> Option<Timestamp> {
        let counted = self.unpaid.get(&customer).copied().unwrap_or_default();
        // Lapsed holds count before they are released.
        let lapsed = self.active_claims(customer).filter(|claim| claim.has_lapsed(now));
        let mut ends: Vec<Timestamp> = lapsed.map(|claim| claim.held_until).collect();
        ends.sort_unstable();
        let counted = ends.into_iter().fold(counted, |counted, end| counted.count(false, end));
        counted.cool_down(policy).filter(|until| *until > now)
    }

    /// Counts a hold that is released unpaid.
    pub(in crate::screening) fn count_unpaid(&mut self, booking: BookingId, reason: ReleaseReason) {
        let Some(claim) = self.claim(booking).filter(|claim| claim.status == ClaimStatus::Held) else {
            return;
        };
        let given_back = match reason {
            ReleaseReason::Lapsed => false,
            ReleaseReason::CancelledByCustomer => true,
            // An operator takes holds from a customer who keeps seats from others. In a cancelled screening all are taken.
            ReleaseReason::CancelledByHouse if self.cancelled.is_none() => false,
            ReleaseReason::CancelledByHouse | ReleaseReason::GivenUp | ReleaseReason::Moved => return,
        };
        let (customer, end) = (claim.customer, claim.held_until);
        let counted = self.unpaid.get(&customer).copied().unwrap_or_default();
        self.unpaid.insert(customer, counted.count(given_back, end));
    }
}
