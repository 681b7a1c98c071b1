//! Limits on unpaid holds that no single screening can enforce: per customer across all screenings, and per network in one
//! screening.

use std::{collections::HashMap, net::IpAddr};

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    BookingId, ScreeningId, UserId,
    screening::{ClaimStatus, Screening},
};
use ticketshow_http::{Limits, Problem};
use ticketshow_nats::executor::outcome::Freshness;

use crate::machinery::{
    app::App,
    refusals::too_many_holds,
    tally::{Full, Tally},
};

/// An unpaid hold.
#[derive(Debug, Clone, Copy)]
pub struct LiveHold {
    pub booking: BookingId,
    pub screening: ScreeningId,
    pub customer: UserId,
    pub network: IpAddr,
    pub seats: u32,
    /// Hold of the same customer and screening that it replaces.
    pub replaces: Option<BookingId>,
}

type Hold = (BookingId, ScreeningId);

/// Unpaid holds per customer, and unpaid seats per screening and network.
#[derive(Debug)]
pub struct LiveHolds {
    of_customers: Tally<UserId, Hold>,
    of_networks: Tally<(ScreeningId, IpAddr), Hold>,
}

impl LiveHolds {
    pub fn new(limits: &Limits) -> Self {
        Self {
            of_customers: Tally::new(limits.live_holds_per_user),
            of_networks: Tally::new(limits.held_seats_per_address),
        }
    }

    /// Counts a hold; `false` if it is counted already.
    fn enter(&self, hold: &LiveHold, ends_at: Timestamp, now: Timestamp) -> Result<bool, Full<Hold>> {
        let LiveHold { booking, screening, customer, network, seats, replaces } = *hold;
        let (item, old) = ((booking, screening), replaces.map(|replaced| (replaced, screening)));
        let counted = self.of_customers.enter_instead(customer, item, 1, old, ends_at, now)?;
        let place = (screening, network);
        let entered = self.of_networks.enter_instead(place, item, seats, old, ends_at, now);
        if entered.is_err() && counted {
            self.of_customers.remove(item);
        }
        entered.map(|_| counted)
    }

    fn remove(&self, hold: Hold) {
        self.of_customers.remove(hold);
        self.of_networks.remove(hold);
    }

    /// Notes the outcome of a reservation. A refused request that counted nothing new must not remove a hold that an earlier request
    /// with its key made.
    pub fn settle(&self, hold: &LiveHold, held: bool, counted: bool) {
        let item = (hold.booking, hold.screening);
        if held {
            self.of_customers.confirm(item);
            self.of_networks.confirm(item);
            if let Some(replaced) = hold.replaces {
                self.remove((replaced, hold.screening));
            }
        } else if counted {
            self.remove(item);
        }
    }
}

/// Counts a hold before it is made. Returns `false` if it was counted before, or is a repeat.
///
/// # Errors
///
/// 409 `too-many-holds`, once the screenings have confirmed that the other holds last, and that this call is no repeat.
pub async fn count_hold(app: &App, hold: &LiveHold, now: Timestamp) -> Result<bool, Problem> {
    let ends_at = now + SignedDuration::from_secs(app.executor.policy().hold_seconds);
    // Once for each of the two limits.
    for _ in 0..2 {
        let full = match app.live_holds.enter(hold, ends_at, now) {
            Ok(counted) => return Ok(counted),
            Err(full) => full,
        };
        forget_ended(app, full.items, now).await?;
    }
    let full = match app.live_holds.enter(hold, ends_at, now) {
        Ok(counted) => return Ok(counted),
        Err(full) => full,
    };
    let seen = app.state::<Screening>(&hold.screening, Freshness::Fresh).await?;
    if seen.state.claim(hold.booking).is_some() { Ok(false) } else { Err(too_many_holds(full.max)) }
}

/// Stops counting holds that were paid, given back or lapsed. Reads each screening once.
async fn forget_ended(app: &App, holds: Vec<Hold>, now: Timestamp) -> Result<(), Problem> {
    let mut of_screenings: HashMap<ScreeningId, Vec<BookingId>> = HashMap::new();
    for (booking, screening) in holds {
        of_screenings.entry(screening).or_default().push(booking);
    }
    for (screening, bookings) in of_screenings {
        let state = app.state::<Screening>(&screening, Freshness::Fresh).await?.state;
        for booking in bookings {
            let claim = state.claim(booking);
            if !claim.is_some_and(|claim| claim.status == ClaimStatus::Held && !claim.has_lapsed(now)) {
                app.live_holds.remove((booking, screening));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_refused_repeat_does_not_uncount_the_hold_of_its_key() {
        let limits = Limits { live_holds_per_user: 1, ..Limits::default() };
        let holds = LiveHolds::new(&limits);
        let (now, ends_at) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(480).unwrap());
        let hold = |n| LiveHold {
            booking: BookingId(Uuid::from_u128(n)),
            screening: ScreeningId(Uuid::nil()),
            customer: UserId(Uuid::nil()),
            network: IpAddr::from([192, 0, 2, 1]),
            seats: 1,
            replaces: None,
        };
        assert_eq!(holds.enter(&hold(1), ends_at, now).ok(), Some(true));
        holds.settle(&hold(1), true, true);
        let counted = holds.enter(&hold(1), ends_at, now).unwrap();
        holds.settle(&hold(1), false, counted);
        assert!(holds.enter(&hold(2), ends_at, now).is_err());
    }
}
