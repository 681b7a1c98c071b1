//! Invariants of a screening under any sequence of commands, checked against a fold of its events that does not use the
//! state's own indexes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use proptest::{collection::vec, prelude::*, sample::select};

use uuid::Uuid;

use super::{
    ClaimStatus, Command, Event, MovedSeats, OfflineCheckIn, PlaceState, ReleaseReason, Screening, Seat,
    WantedBlock, Wish,
};
use crate::{
    BookingId, Decider, ScreenId, SeatName, UserId,
    booking::{CancelledBy, PaymentMethod},
    counter::{Buyer, CounterSale, CounterSeat},
    examples::{self, at, booking, context, payment, row, screening, seats, user, uuid, wanted},
    promise::Promise,
    rescheduling::WantedChange,
    seat_return::{RefundWay, SeatReturn},
};

const SEATS: [&str; 5] = ["A-1", "A-2", "A-3", "B-1", "B-2"];

/// A screening with five seats, so that customers compete for them; long sequences reach the start halfway.
fn opened() -> Event {
    Event::ScreeningOpened { screening: screening(1), promise: Arc::new(terms()) }
}

fn terms() -> Promise {
    let mut promise = examples::promise();
    (promise.layout.rows[0].seats, promise.layout.rows[1].seats) = (3, 2);
    promise.starts_at = at(6_000);
    promise
}

fn take_back() -> impl Strategy<Value = Command> {
    let by = select(vec![CancelledBy::Customer, CancelledBy::House]);
    (0..8_u8, 0..4_u8, by, vec(select(&SEATS[..]), 0..3)).prop_map(|(n, id, by, names)| {
        let (booking, id, seats) = (booking(n), payment(id), seats(&names));
        let returned = SeatReturn {
            id,
            seats,
            by,
            refund: RefundWay::Original,
            reason: None,
            fingerprint: None,
            counter: None,
        };
        Command::TakeBackSeats { booking, returned }
    })
}

/// Other prices, or another screen: with more seats, with the rows in another order, with a seat less.
fn change() -> impl Strategy<Value = Command> {
    (0..60_u8, 0..4_u32, 0..5_u8).prop_map(|(id, number, which)| {
        if which == 4 {
            return Command::CompleteChange { change: uuid(100 + id) };
        }
        let mut promise = terms();
        match which {
            0 => drop(promise.prices.insert("gold".to_owned(), 10_000 + i64::from(id))),
            1 => promise.layout.rows.insert(0, row("C", "gold", 4)),
            2 => promise.layout.rows.reverse(),
            3.. => promise.layout.rows[0].seats = 2,
        }
        if which > 0 {
            promise.screen = ScreenId(uuid(which));
        }
        let wanted = WantedChange {
            id: uuid(100 + id),
            number,
            promise: Arc::new(promise),
            by: user(99),
            fingerprint: None,
        };
        if which == 0 { Command::ChangePrices { wanted } } else { Command::ChangeScreening { wanted } }
    })
}

/// Moves within the screening, out of it and into it.
fn moves() -> impl Strategy<Value = Command> {
    let names = || vec(select(&SEATS[..]), 1..4).prop_map(|names| seats(&names));
    let by = select(vec![CancelledBy::Customer, CancelledBy::House]);
    (0..12_u8, 0..4_u8, 0..8_u8, names(), names(), by).prop_map(|(n, id, which, old, new, by)| {
        let (booking, id) = (booking(n), payment(id));
        match which {
            0 => Command::BeginMove { booking, id, seats: old },
            1 => Command::EndMove { booking, id },
            2 => Command::MoveOut { booking, id },
            3 => Command::EndKeeping { id },
            which => {
                let (customer, payment, amount) = (user(n % 3), payment(1), examples::rupees(1));
                let given = (which > 5).then_some(old);
                let (quote, seats) = (examples::quoted(&[]), new);
                let moved = MovedSeats {
                    booking,
                    customer,
                    payment,
                    id,
                    seats,
                    wheelchairs: Vec::new(),
                    given,
                    starts_at: at(6_000),
                    amount,
                    quote,
                    by,
                };
                if which == 4 || which == 6 {
                    Command::KeepForMove { moved, until: at(3_000) }
                } else {
                    Command::MoveIn(moved)
                }
            }
        }
    })
}

fn check_in() -> impl Strategy<Value = Command> {
    (0..12_u8, vec(select(&SEATS[..]), 0..3), 70..78_u8).prop_map(|(n, names, id)| Command::CheckInTickets {
        booking: booking(n),
        seats: seats(&names),
        by: user(99),
        check_in: uuid(id),
        fingerprint: None,
    })
}

fn join() -> impl Strategy<Value = Command> {
    (20..40_u8, 0..6_u8, 1..4_u32, 0..4_u8).prop_map(|(place, customer, seats, which)| {
        let categories: &[&str] = match which {
            0 => &["gold"],
            1 => &["silver"],
            _ => &[],
        };
        let categories = categories.iter().map(|category| (*category).to_owned()).collect();
        let wish = Wish { seats, categories, wheelchair: false };
        Command::JoinWaitingList { place: uuid(place), customer: user(customer), wish, fingerprint: None }
    })
}

fn change_hold() -> impl Strategy<Value = Command> {
    let replaced = (0..12_u8).prop_map(booking);
    (0..8_u8, vec(select(&SEATS[..]), 1..4), replaced).prop_map(|(n, names, replaced)| {
        let (booking, customer, seats, fingerprint) = (booking(n), user(n % 3), wanted(&names), None);
        Command::ChangeHold { booking, customer, seats, replaced, fingerprint }
    })
}

fn undo() -> impl Strategy<Value = Command> {
    select(&SEATS[..]).prop_map(|seat| Command::UndoCheckIn {
        check_in: uuid(77),
        seat: SeatName(seat.to_owned()),
        by: user(99),
    })
}

fn commands() -> impl Strategy<Value = Command> {
    let bookings = || (0..12_u8).prop_map(booking);
    let reasons = || {
        select(vec![
            ReleaseReason::Lapsed,
            ReleaseReason::GivenUp,
            ReleaseReason::CancelledByCustomer,
            ReleaseReason::CancelledByHouse,
        ])
    };
    let reserve = (0..8_u8, vec(select(&SEATS[..]), 1..4)).prop_map(|(n, names)| Command::ReserveSeats {
        booking: booking(n),
        customer: user(n % 3),
        seats: wanted(&names),
        fingerprint: None,
    });
    let report =
        (bookings(), select(&SEATS[..]), 0..4_u8, 0..6_000_i64).prop_map(|(booking, seat, n, when)| {
            let seat = SeatName(seat.to_owned());
            let check_in =
                OfflineCheckIn { check_in: uuid(n), online: [uuid(77); 2], booking, seat, at: at(when) };
            Command::ReportCheckIns { check_ins: vec![check_in], by: user(98), device: "Door 2".to_owned() }
        });
    let block = (0..4_u8, vec(select(&SEATS[..]), 1..3), prop::option::of(0..6_000_i64)).prop_map(
        |(n, names, end)| {
            let wanted =
                WantedBlock { seats: seats(&names), reason: "Press".to_owned(), release_at: end.map(at) };
            Command::BlockSeats { block: uuid(n), wanted, by: user(99), fingerprint: None }
        },
    );
    let at_counter = (8..12_u8, vec(select(&SEATS[..]), 1..3), 0..5_u8).prop_map(|(n, names, block)| {
        let block = Some(uuid(block));
        let seats = seats(&names).into_iter().map(|seat| CounterSeat { seat, block, ticket_type: None });
        let buyer = Buyer::default();
        let (payment, method, till, by, reason) = (payment(n), PaymentMethod::Upi, None, user(99), None);
        let sale = CounterSale { payment, method, till, by, reason, buyer };
        let (booking, customer, seats) = (booking(n), user(n % 3), seats.collect());
        Command::SellAtCounter { booking, customer, seats, sale, fingerprint: None }
    });
    let sell =
        (bookings(), 0..3_u8).prop_map(|(booking, by)| Command::SellSeats { booking, payment: payment(by) });
    prop_oneof![
        6 => join(),
        1 => (20..40_u8).prop_map(|place| Command::LeaveWaitingList { place: uuid(place) }),
        8 => reserve,
        6 => change_hold(),
        5 => sell,
        4 => take_back(),
        6 => moves(),
        2 => bookings().prop_map(|booking| Command::ExtendHold { booking }),
        2 => bookings().prop_map(|booking| Command::CancelHold { booking }),
        1 => bookings().prop_map(|booking| Command::TakeBackHold { booking }),
        3 => (bookings(), reasons()).prop_map(|(booking, reason)| Command::ReleaseSeats { booking, reason }),
        2 => Just(Command::ReleaseLapsedHolds),
        1 => check_in(),
        2 => change(),
        2 => block,
        2 => at_counter,
        1 => (0..4_u8).prop_map(|n| Command::ReleaseBlock { block: uuid(n), by: user(99) }),
        1 => undo(),
        1 => report,
        1 => prop::bool::weighted(0.2).prop_map(|cancel| {
            let all = Command::CancelScreening { cascade: uuid(90), reason: None, decided_at: at(0) };
            if cancel { all } else { Command::ReleaseLapsedHolds }
        }),
    ]
}

/// Owner of each seat, from the events alone. Panics if a seat would get a second owner.
#[derive(Default)]
struct Owners(BTreeMap<SeatName, BookingId>, BTreeMap<SeatName, Uuid>);

impl Owners {
    fn take(&mut self, event: &Event) {
        match event {
            Event::SeatsReserved { booking, seats, .. }
            | Event::SeatsSoldAtCounter { booking, seats, .. } => {
                for seat in seats {
                    assert_eq!(self.0.insert(seat.clone(), *booking), None, "{seat} was free");
                    assert_eq!(self.1.get(seat), None, "{seat} was for sale");
                }
            }
            Event::SeatsSold { booking, seats, .. } => {
                for seat in seats {
                    let before = self.0.insert(seat.clone(), *booking);
                    assert!(before.is_none_or(|owner| owner == *booking), "{seat} was free or theirs");
                    assert_eq!(self.1.get(seat), None, "{seat} was for sale");
                }
            }
            Event::SeatsReleased { booking, seats, .. }
            | Event::SeatsTakenBack { booking, returned: SeatReturn { seats, .. }, .. } => {
                for seat in seats {
                    assert_eq!(self.0.remove(seat), Some(*booking), "{seat} was theirs");
                }
            }
            Event::SeatsMovedIn { booking, seats, given, .. } => {
                for seat in given {
                    assert_eq!(self.0.remove(seat), Some(*booking), "{seat} was theirs");
                }
                for seat in seats {
                    let before = self.0.insert(seat.clone(), *booking);
                    assert!(before.is_none_or(|owner| owner == *booking), "{seat} was free or theirs");
                    assert_eq!(self.1.get(seat), None, "{seat} was for sale");
                }
            }
            Event::TicketCheckedIn { booking, seat, .. } => {
                assert_eq!(self.0.get(seat), Some(booking), "{seat} lets its owner in");
            }
            Event::SeatsBlocked { block, seats, .. } | Event::BlockGrown { block, seats } => {
                for seat in seats {
                    assert_eq!(self.0.get(seat), None, "{seat} was free");
                    assert_eq!(self.1.insert(seat.clone(), *block), None, "{seat} was for sale");
                }
            }
            Event::BlockReleased { block, seats, .. } => {
                for seat in seats {
                    assert_eq!(self.1.remove(seat), Some(*block), "{seat} was blocked");
                }
            }
            Event::CheckInUndone { .. }
            | Event::AdmissionConflicted { .. }
            | Event::WheelchairPlacesReleased {} => {}
            Event::ScreeningCleared { .. } => assert!(self.0.is_empty(), "cleared while a seat is taken"),
            Event::WaitingListJoined { .. }
            | Event::WaitingListLeft { .. }
            | Event::SeatsOffered { .. }
            | Event::MessageSent { .. }
            | Event::GuestsReminded { .. }
            | Event::ScreeningOpened { .. }
            | Event::HoldExtended { .. }
            | Event::MoveBegun { .. }
            | Event::MoveEnded { .. }
            | Event::ScreeningChanged { .. }
            | Event::ChangeRefused { .. }
            | Event::ChangeCompleted { .. }
            | Event::ScreeningCancelled { .. } => {}
        }
    }
}

/// Asserts that a hold that replaces another one is the same customer's and ends no later.
fn assert_gains_no_time(screening: &Screening, event: &Event) {
    if let Event::SeatsReserved { customer, held_until, replaces: Some(replaced), .. } = event {
        let replaced = screening.claim(*replaced).expect("it is known");
        assert_eq!(replaced.status, ClaimStatus::Released(ReleaseReason::CancelledByCustomer));
        assert_eq!(replaced.customer, *customer);
        assert!(*held_until <= replaced.held_until, "it gains no time");
    }
}

fn named_seats(screening: &Screening) -> impl Iterator<Item = (SeatName, Seat)> {
    let promise = screening.promise().expect("it is open");
    (0..).zip(screening.seats()).filter_map(|(index, seat)| Some((promise.layout.name(index)?, seat)))
}

/// Asserts that the indexes of seats, customers and lapses agree with the claims.
fn assert_in_step(screening: &Screening, owners: &Owners) {
    let mut customers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut lapses = BTreeSet::new();
    let mut kept = vec![Seat::Free; screening.seats().len()];
    for (booking, claim) in screening.claims() {
        let seat = match claim.status {
            ClaimStatus::Held => {
                lapses.insert((claim.held_until, booking));
                Seat::Held(booking)
            }
            ClaimStatus::Sold(_) => Seat::Sold(booking),
            ClaimStatus::Released(_) => continue,
        };
        customers.entry(claim.customer).or_default().insert(booking);
        for index in &claim.seats {
            let before = std::mem::replace(&mut kept[*index as usize], seat);
            assert_eq!(before, Seat::Free, "one claim per seat");
        }
    }
    for (id, block) in &screening.blocks {
        for index in &block.seats {
            let before = std::mem::replace(&mut kept[*index as usize], Seat::Blocked(*id));
            assert_eq!(before, Seat::Free, "a blocked seat has no owner");
        }
    }
    assert_eq!(screening.seats().collect::<Vec<_>>(), kept);
    assert_eq!(screening.lapses.iter().copied().collect::<BTreeSet<_>>(), lapses);
    let indexed = screening.customers.iter().map(|(customer, bookings)| {
        assert_eq!(bookings.iter().collect::<BTreeSet<_>>().len(), bookings.len());
        (*customer, bookings.iter().copied().collect())
    });
    assert_eq!(indexed.collect::<BTreeMap<_, _>>(), customers);
    for (name, seat) in named_seats(screening) {
        assert_eq!(seat.booking().as_ref(), owners.0.get(&name));
    }
}

proptest! {
    #[test]
    fn no_seat_ever_has_two_owners(steps in vec((commands(), 0..240_i64), 1..80)) {
        let (mut screening, mut owners, mut now) = (Screening::default(), Owners::default(), 0);
        screening.evolve(&opened());
        for (command, seconds) in steps {
            now += seconds;
            let Ok(events) = screening.decide(&command, &context(at(now))) else { continue };
            for event in &events {
                owners.take(event);
                assert_gains_no_time(&screening, event);
                screening.evolve(event);
            }
            assert_in_step(&screening, &owners);

            let again = screening.decide(&command, &context(at(now)));
            prop_assert_eq!(again, Ok(vec![]), "{:?} twice", command);
        }
    }

    #[test]
    fn no_customer_exceeds_the_limits_by_reserving(steps in vec((commands(), 0..240_i64), 1..80)) {
        let (mut screening, mut now) = (Screening::default(), 0);
        screening.evolve(&opened());
        for (command, seconds) in steps {
            now += seconds;
            let context = context(at(now));
            let events = screening.decide(&command, &context).unwrap_or_default();
            let is_offered = |holder: BookingId| {
                events.iter().any(|event| matches!(event, Event::SeatsOffered { booking, .. } if *booking == holder))
            };
            for event in &events {
                screening.evolve(event);
                if let Event::SeatsReserved { customer, booking, .. } = event
                    && !is_offered(*booking)
                {
                    let customer = *customer;
                    let active = || screening.active_claims(customer).filter(|claim| !claim.has_lapsed(at(now)));
                    let holds = active().filter(|claim| claim.status == ClaimStatus::Held).count();
                    prop_assert!(holds <= context.policy.holds_max);
                    let seats: usize = active().map(|claim| claim.seats.len()).sum();
                    prop_assert!(seats <= context.policy.customer_seats_max);
                }
            }
        }
    }

    #[test]
    fn a_waiting_list_is_served_in_order_and_each_place_once(
        steps in vec((commands(), 0..240_i64), 1..120),
    ) {
        let (mut screening, mut line, mut now) = (Screening::default(), Line::default(), 0);
        screening.evolve(&opened());
        for (command, seconds) in steps {
            now += seconds;
            let Ok(events) = screening.decide(&command, &context(at(now))) else { continue };
            for event in &events {
                line.take(event);
                screening.evolve(event);
            }
            let is_on_sale = screening.cancelled().is_none() && now < 6_000;
            for (place, _, wish) in &line.waiting {
                let is_waiting = matches!(screening.place(*place).unwrap().state, PlaceState::Waiting(_));
                prop_assert!(is_waiting);
                prop_assert!(!is_on_sale || free(&screening, wish) < wish.seats, "nobody waits for free seats");
            }
        }
    }
}

/// Places in line, from the events alone. Panics if one is served out of turn.
#[derive(Default)]
struct Line {
    waiting: Vec<(Uuid, UserId, Wish)>,
    reserved: Option<(BookingId, UserId, Vec<SeatName>)>,
}

impl Line {
    fn take(&mut self, event: &Event) {
        if let Event::SeatsReserved { booking, customer, seats, .. } = event {
            self.reserved = Some((*booking, *customer, seats.clone()));
        }
        if let Event::WaitingListJoined { place, customer, wish, .. } = event {
            assert!(self.waiting.iter().all(|(_, other, _)| other != customer), "one place per customer");
            self.waiting.push((*place, *customer, wish.clone()));
        }
        if let Event::WaitingListLeft { place, .. } = event {
            self.waiting.retain(|(other, ..)| other != place);
        }
        if let Event::SeatsOffered { place, booking, customer, .. } = event {
            let (holder, held_by, seats) = self.reserved.take().expect("a hold before the offer");
            assert_eq!((holder, held_by), (*booking, *customer));
            let turn = self.waiting.iter().position(|(other, ..)| other == place).expect("it waits");
            let (_, waited, wish) = self.waiting.remove(turn);
            assert_eq!((waited, wish.seats as usize), (held_by, seats.len()));
            assert_eq!(fitting(&seats, &wish), wish.seats, "the seats are of its categories");
            for (before, _, wish) in &self.waiting[..turn] {
                assert!(fitting(&seats, wish) < wish.seats, "{place} was served before {before}");
            }
        }
    }
}

/// The number of seats that a wish accepts.
fn fitting(seats: &[SeatName], wish: &Wish) -> u32 {
    let category = |seat: &SeatName| if seat.0.starts_with('B') { "silver" } else { "gold" };
    let accepts =
        |seat: &&SeatName| wish.categories.is_empty() || wish.categories.iter().any(|c| c == category(seat));
    u32::try_from(seats.iter().filter(accepts).count()).unwrap()
}

/// The number of free seats that a wish accepts.
fn free(screening: &Screening, wish: &Wish) -> u32 {
    let free = named_seats(screening).filter(|(_, seat)| *seat == Seat::Free);
    fitting(&free.map(|(name, _)| name).collect::<Vec<_>>(), wish)
}
