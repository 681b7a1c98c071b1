//! Waiting list of a sold-out screening. Seats that become free are offered in the same commit, so that nobody can reserve them in
//! between: the first place in line whose wish they fulfil gets a hold of its own. A wish that is too large for them is passed over
//! and keeps its place. An offer names no ticket types, so it has the unrestricted one of each seat.
//!
//! Wheelchair places and companion seats are offered only to people who wait for a wheelchair place, because a
//! declined offer costs the place in line. This includes categories made of such seats alone. If a house keeps such
//! seats only until some time before the start, they are offered like any other from then on.
//!
//! Between two commits no place waits for free seats, so only seats that become free have to be checked.

mod free_seats;
mod wish;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClaimStatus, Event, Refusal, Screening, Seat, quoting::quote_of_offer};
use crate::{BookingId, Context, Decider, Fingerprint, Flaws, Money, SeatIndex, UserId, promise::Promise};
use free_seats::FreeSeats;
pub use wish::Wish;

/// Most seats that lapsed holds release in one commit while people wait. With the offers of as many seats they fit into it
/// (256 KiB), and so do those of the largest block, because a list has at most [`crate::Policy::WAITING_PLACES_LARGEST`] places.
const RELEASED_SEATS_MAX: usize = 200;
/// Largest size of the offers in one commit, in bytes: with the release of 200 seats or of the largest block they fit into it. Only the
/// offers of a screening with many rates of tax can be larger. The places that get none keep their order and get the next seats.
const OFFERS_BYTES_MAX: usize = 208 * 1024;
/// Time for which places that no longer wait are remembered, so that a late repeat of a request makes no new one.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Place in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Customer who waits.
    pub customer: UserId,
    /// Seats that the customer waits for.
    pub wish: Wish,
    /// Moment of the request.
    pub at: Timestamp,
    /// Fingerprint of the request.
    pub fingerprint: Option<Fingerprint>,
    /// State of the place.
    pub state: PlaceState,
}

/// State of a place in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaceState {
    /// In line, by its number in the order of the requests.
    Waiting(u64),
    /// Its customer got this booking. The place is not served again, even if the booking ends unpaid.
    Offered(BookingId),
    /// The customer has left.
    Left,
}

impl PlaceState {
    /// Name for customers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Offered(_) => "offered",
            Self::Left => "left",
        }
    }
}

/// The list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WaitingList {
    line: imbl::OrdMap<u64, Uuid>,
    places: imbl::HashMap<Uuid, Arc<Place>>,
    /// Latest place of each customer.
    of_customers: imbl::HashMap<UserId, Uuid>,
    /// Places by the moment of their request, to forget them in that order.
    by_age: imbl::OrdSet<(Timestamp, Uuid)>,
    next: u64,
}

impl WaitingList {
    fn in_line(&self) -> impl Iterator<Item = (Uuid, &Place)> {
        self.line.values().filter_map(|id| Some((*id, self.places.get(id)?.as_ref())))
    }

    fn settle(&mut self, place: Uuid, state: PlaceState) {
        let Some(known) = self.places.get_mut(&place) else { return };
        if let PlaceState::Waiting(number) = known.state {
            self.line.remove(&number);
        }
        Arc::make_mut(known).state = state;
    }

    /// Forgets places that no longer wait and whose requests are long past.
    pub fn forget(&mut self, now: Timestamp) {
        let is_old = |key: &&(Timestamp, Uuid)| now.duration_since(key.0) > REMEMBERED;
        let is_over = |place: Uuid| {
            self.places.get(&place).is_some_and(|known| !matches!(known.state, PlaceState::Waiting(_)))
        };
        let old = self.by_age.iter().take_while(is_old).filter(|(_, place)| is_over(*place));
        for key in old.copied().collect::<Vec<_>>() {
            self.by_age.remove(&key);
            let Some(place) = self.places.remove(&key.1) else { continue };
            if self.of_customers.get(&place.customer) == Some(&key.1) {
                self.of_customers.remove(&place.customer);
            }
        }
    }
}

impl Screening {
    /// Returns a place in line, including one that no longer waits.
    #[must_use]
    pub fn place(&self, place: Uuid) -> Option<&Place> {
        self.waiting.places.get(&place).map(AsRef::as_ref)
    }

    /// Returns the latest place of a customer.
    #[must_use]
    pub fn place_of(&self, customer: UserId) -> Option<(Uuid, &Place)> {
        let id = *self.waiting.of_customers.get(&customer)?;
        Some((id, self.place(id)?))
    }

    /// Returns the position of a place in line, from 1; `None` if it no longer waits.
    #[must_use]
    pub fn position_in_line(&self, place: Uuid) -> Option<usize> {
        let PlaceState::Waiting(number) = self.place(place)?.state else { return None };
        Some(self.waiting.line.range(..=number).count())
    }

    pub(super) fn join_waiting_list(
        &self,
        place: Uuid,
        customer: UserId,
        wish: &Wish,
        fingerprint: Option<&Fingerprint>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let promise = self.promise.as_ref().ok_or(Refusal::NotFound)?;
        if let Some(known) = self.place(place) {
            let same = known.customer == customer && known.fingerprint.as_ref() == fingerprint;
            return if same { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
        }
        let Context { now, policy } = context;
        self.check_selling(promise, *now)?;
        let count = usize::try_from(wish.seats).unwrap_or(usize::MAX);
        if !(1..=policy.booking_seats_max).contains(&count) {
            return Err(Refusal::SeatCount { max: policy.booking_seats_max });
        }
        let mut flaws = Flaws::default();
        for (number, wanted) in wish.categories.iter().enumerate() {
            let is_known = promise.layout.rows.iter().any(|row| row.category == *wanted);
            flaws.unless(is_known, format!("/categories/{number}"), "is not a category of this screening");
            let is_repeated = wish.categories[..number].contains(wanted);
            flaws.unless(!is_repeated, format!("/categories/{number}"), "is named twice");
        }
        flaws.into_result().map_err(Refusal::Invalid)?;
        if let Some((known, _)) = self.open_place_of(customer, *now) {
            return Err(Refusal::AlreadyWaiting(known));
        }
        if self.free_seats(promise).choose(wish).is_some() {
            return Err(Refusal::SeatsAvailable);
        }
        // Waiting customers are offered kept places once those are on general sale.
        let stay_kept = self.keeps_wheelchair_places() && self.next_wheelchair_release().is_none();
        check_room(promise, wish, stay_kept)?;
        self.check_seats_of(customer, count, None, context)?;
        if let Some(until) = self.cooling_until(customer, *now, policy) {
            return Err(Refusal::CoolingDown(until));
        }
        if self.waiting.line.len() >= policy.waiting_places_max {
            return Err(Refusal::WaitingListFull { max: policy.waiting_places_max });
        }
        let (wish, fingerprint) = (wish.clone(), fingerprint.cloned());
        Ok(vec![Event::WaitingListJoined {
            place,
            customer,
            wish,
            number: self.waiting.next,
            at: *now,
            fingerprint,
        }])
    }

    /// Returns the place of a customer who waits, or whose offer waits for payment.
    fn open_place_of(&self, customer: UserId, now: Timestamp) -> Option<(Uuid, &Place)> {
        let is_open = |state| match state {
            PlaceState::Waiting(_) => true,
            PlaceState::Offered(booking) => self.has_open_offer(booking, now),
            PlaceState::Left => false,
        };
        self.place_of(customer).filter(|(_, place)| is_open(place.state))
    }

    /// Returns `true` if the booking of an offer still holds its seats.
    #[must_use]
    pub fn has_open_offer(&self, booking: BookingId, now: Timestamp) -> bool {
        self.claim(booking).is_some_and(|claim| claim.status == ClaimStatus::Held && !claim.has_lapsed(now))
    }

    /// Without effect on a place that does not wait: an offer is given up by cancelling its booking.
    pub(super) fn leave_waiting_list(&self, place: Uuid) -> Result<Vec<Event>, Refusal> {
        let known = self.place(place).ok_or(Refusal::UnknownPlace)?;
        match known.state {
            PlaceState::Waiting(_) => Ok(vec![Event::WaitingListLeft { place, customer: known.customer }]),
            PlaceState::Offered(_) | PlaceState::Left => Ok(Vec::new()),
        }
    }

    /// Appends the offers of the seats that `events` free.
    pub(super) fn with_offers(&self, mut events: Vec<Event>, context: &Context) -> Vec<Event> {
        if self.has_waiting() && events.iter().any(frees_seats) {
            events.extend(self.after(&events).offers(context));
        }
        events
    }

    /// Returns the releases of lapsed holds and of blocks that are over, after which `wanted` can be taken.
    ///
    /// # Errors
    ///
    /// [`Refusal::SeatTaken`], also if the waiting list gets the seats.
    pub(super) fn make_free(
        &self,
        wanted: &[SeatIndex],
        booking: Option<BookingId>,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let releases = self.releases_of(self.make_room(wanted, booking, now)?);
        if !self.has_waiting() || releases.is_empty() {
            return Ok(releases);
        }
        if fitting_while_waiting(&releases) < releases.len() {
            // They are released within seconds, some per commit.
            return Err(Refusal::SeatTaken(self.names(wanted)));
        }
        let freed = self.after(&releases);
        let served = freed.after(&freed.growth()).served(now);
        let is_offered = |index: &&SeatIndex| served.iter().any(|(_, seats)| seats.contains(index));
        let offered: Vec<SeatIndex> = wanted.iter().filter(is_offered).copied().collect();
        if offered.is_empty() { Ok(releases) } else { Err(Refusal::SeatTaken(self.names(&offered))) }
    }

    /// Returns `true` if the line is not empty.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.line.is_empty()
    }

    fn free_seats<'a>(&self, promise: &'a Promise) -> FreeSeats<'a> {
        let is_free = self.seats.iter().map(|seat| *seat == Seat::Free);
        FreeSeats::of(&promise.layout, self.keeps_wheelchair_places(), is_free)
    }

    /// Returns `true` unless wheelchair places were kept and are on general sale by now.
    fn keeps_wheelchair_places(&self) -> bool {
        !self.has_released_wheelchair_places()
    }

    pub(super) fn after(&self, events: &[Event]) -> Self {
        let mut after = self.clone();
        for event in events {
            after.evolve(event);
        }
        after
    }

    /// Returns the places in line whose wishes the free seats fulfil, in order, with their seats.
    fn served(&self, now: Timestamp) -> Vec<(Uuid, Vec<SeatIndex>)> {
        let Some(promise) = &self.promise else { return Vec::new() };
        if self.check_selling(promise, now).is_err() {
            return Vec::new();
        }
        let mut free = self.free_seats(promise);
        let serve = |(place, known): (Uuid, &Place)| {
            let chosen = free.choose(&known.wish)?;
            free.take(&chosen);
            Some((place, chosen))
        };
        self.waiting.in_line().filter_map(serve).collect()
    }

    fn offers(&self, context: &Context) -> Vec<Event> {
        let Some(promise) = &self.promise else { return Vec::new() };
        let Context { now, policy } = context;
        let ends = *now + SignedDuration::from_secs(policy.offer_seconds);
        let held_until = ends.min(promise.starts_at);
        let offer = |(place, chosen): (Uuid, Vec<SeatIndex>)| {
            let (seats, booking) = (self.names(&chosen), booking_of(place));
            let customer = self.place(place)?.customer;
            let quote = quote_of_offer(promise, &seats)?;
            let amount = Money { amount_minor: quote.total_minor(), currency: promise.currency };
            // Plain prices follow from the categories.
            let (fingerprint, quote) = (None, Some(quote).filter(|quote| !quote.is_plain()));
            Some([
                Event::SeatsReserved {
                    booking,
                    customer,
                    seats,
                    amount,
                    held_until,
                    fingerprint,
                    quote,
                    replaces: None,
                },
                Event::SeatsOffered { place, booking, customer, held_until },
            ])
        };
        let mut bytes = 0;
        let fits = |offer: &[Event; 2]| {
            bytes += serde_json::to_vec(offer).map_or(0, |json| json.len());
            bytes <= OFFERS_BYTES_MAX
        };
        self.served(*now).into_iter().filter_map(offer).take_while(fits).flatten().collect()
    }

    pub(super) fn note_waiting(&mut self, event: &Event) {
        let waiting = &mut self.waiting;
        if let Event::WaitingListJoined { place, customer, wish, number, at, fingerprint } = event {
            let number = *number;
            waiting.next = number + 1;
            waiting.line.insert(number, *place);
            waiting.of_customers.insert(*customer, *place);
            waiting.by_age.insert((*at, *place));
            let (wish, fingerprint, state) = (wish.clone(), fingerprint.clone(), PlaceState::Waiting(number));
            let entered = Place { customer: *customer, wish, at: *at, fingerprint, state };
            waiting.places.insert(*place, Arc::new(entered));
        }
        if let Event::WaitingListLeft { place, .. } = event {
            waiting.settle(*place, PlaceState::Left);
        }
        if let Event::SeatsOffered { place, booking, .. } = event {
            waiting.settle(*place, PlaceState::Offered(*booking));
        }
    }
}

/// Checks that the empty room has the seats of a wish.
fn check_room(promise: &Promise, wish: &Wish, keeps_places: bool) -> Result<(), Refusal> {
    let empty = FreeSeats::of(&promise.layout, keeps_places, std::iter::repeat(true));
    if empty.choose(wish).is_some() {
        return Ok(());
    }
    let max = empty.count(wish);
    let is_otherwise_possible = || empty.choose(&Wish { wheelchair: false, ..wish.clone() }).is_some();
    if wish.wheelchair && (max == 0 || is_otherwise_possible()) {
        let mut flaws = Flaws::default();
        let message = "there is no wheelchair place with so many seats in these categories";
        flaws.unless(false, "/wheelchair", message);
        flaws.into_result().map_err(Refusal::Invalid)?;
    }
    if max == 0 && !wish.wheelchair {
        let mut flaws = Flaws::default();
        let message = "must be true: these categories have only wheelchair places and seats for companions";
        flaws.unless(false, "/wheelchair", message);
        flaws.into_result().map_err(Refusal::Invalid)?;
    }
    Err(Refusal::SeatCount { max })
}

/// Booking of the offer to a place: always the same, because a place gets one offer. Its number is scattered like any other.
fn booking_of(place: Uuid) -> BookingId {
    BookingId(Uuid::new_v5(&place, b"offer"))
}

/// Returns the number of releases, at least one, that fit into a commit together with the offers that follow from them.
pub(super) fn fitting_while_waiting(releases: &[Event]) -> usize {
    let mut freed = 0;
    let fits = releases.iter().take_while(|release| {
        if let Event::SeatsReleased { seats, .. } | Event::BlockReleased { seats, .. } = release {
            freed += seats.len();
        }
        freed <= RELEASED_SEATS_MAX
    });
    fits.count().max(1)
}

pub(super) fn frees_seats(event: &Event) -> bool {
    match event {
        Event::SeatsReleased { .. }
        | Event::SeatsTakenBack { .. }
        | Event::BlockReleased { .. }
        // They are on general sale from now on.
        | Event::WheelchairPlacesReleased {} => true,
        Event::SeatsMovedIn { given, .. } => !given.is_empty(),
        // Another screen may have more seats.
        Event::ScreeningChanged { free_until, .. } => free_until.is_some(),
        Event::ChangeRefused { .. }
        | Event::ChangeCompleted { .. }
        | Event::ScreeningOpened { .. }
        | Event::SeatsReserved { .. }
        | Event::HoldExtended { .. }
        | Event::SeatsSold { .. }
        | Event::MessageSent { .. }
        | Event::GuestsReminded { .. }
        | Event::ScreeningCancelled { .. }
        | Event::ScreeningCleared { .. }
        | Event::TicketCheckedIn { .. }
        | Event::CheckInUndone { .. }
        | Event::SeatsBlocked { .. }
        | Event::BlockGrown { .. }
        | Event::AdmissionConflicted { .. }
        | Event::SeatsSoldAtCounter { .. }
        | Event::MoveBegun { .. }
        | Event::MoveEnded { .. }
        | Event::WaitingListJoined { .. }
        | Event::WaitingListLeft { .. }
        | Event::SeatsOffered { .. } => false,
    }
}
