//! Sales by ticket type and by payment method add up to whole bookings after returns, moves and a rebuild.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use ticketshow_domain::{
    BookingId, Decider, Money, PaymentId, ScreeningId, SeatName, UserId,
    booking::{self, Booking, CancelledBy, PaymentMethod, Ticket},
    examples::{inr, seats},
    hold::{Reservation, Standing},
    payment::RefundTarget,
    pricing::{CancellationRule, Charges, Fee, FeePer, SingleSeats, Terms, TicketType, WantedSeat},
    promise::Promise,
    screening::{self, Screening},
    seat_move::{Settlement, WantedMove},
    seat_return::{RefundWay, SeatReturn},
};
use ticketshow_nats::log::metadata::{Actor, Metadata};

use crate::{
    fixture::{Fixture, now},
    orders::assert_equal_to_a_rebuild,
};

fn kind(name: &str) -> TicketType {
    TicketType(name.to_owned())
}

fn wanted(seat: &str, ticket_type: &str) -> WantedSeat {
    WantedSeat { seat: SeatName(seat.to_owned()), ticket_type: Some(kind(ticket_type)), wheelchair: false }
}

/// Prices of adults and children, a fee per ticket, and 20 rupees for a cancellation.
fn terms(adult: i64, child: i64, fee: i64) -> Terms {
    let prices = BTreeMap::from([(kind("adult"), adult), (kind("child"), child)]);
    Terms {
        type_prices: BTreeMap::from([("gold".to_owned(), prices)]),
        limits: BTreeMap::new(),
        charges: Charges { fee: Some(Fee { per: FeePer::Ticket, amount_minor: fee }), tax_rates: Vec::new() },
        cancellation: Some(CancellationRule::Until { minutes: 0, fee_minor: 2_000 }),
        single_seats: SingleSeats::default(),
        wheelchair_minutes: None,
    }
}

fn tickets(names: &[&str]) -> Vec<Ticket> {
    let ticket = |seat: SeatName| Ticket { code: format!("code of {seat}"), seat };
    seats(names).into_iter().map(ticket).collect()
}

struct Story {
    fixture: Fixture,
    booking: BookingId,
    /// The payment method of the booking.
    method: PaymentMethod,
    /// Each event is projected before the next one happens.
    live: bool,
}

impl Story {
    async fn book(&self, command: booking::Command) {
        self.fixture.execute::<Booking>(&self.booking, command).await;
        if self.live {
            self.fixture.projected().await;
        }
    }

    /// Buys seats for a new customer, and returns the payment.
    async fn buy(&self, screening: ScreeningId, wanted: Vec<WantedSeat>) -> PaymentId {
        let Self { fixture, booking, .. } = self;
        let (booking, customer, payment) = (*booking, UserId(fixture.id()), PaymentId(fixture.id()));
        let names: Vec<String> = wanted.iter().map(|wanted| wanted.seat.0.clone()).collect();
        let reserve =
            screening::Command::ReserveSeats { booking, customer, seats: wanted, fingerprint: None };
        let reservation = self.read(screening, reserve, move |screening_state: &Screening| {
            screening_state.reservation(screening, booking).unwrap()
        });
        let reservation: Reservation = reservation.await;
        let (standing, method) = (Standing::Held(now()), self.method);
        let pay = booking::Command::PayBooking { reservation, standing, payment, method, fingerprint: None };
        self.book(pay).await;
        fixture.execute::<Screening>(&screening, screening::Command::SellSeats { booking, payment }).await;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.book(booking::Command::ConfirmBooking { payment, tickets: tickets(&names) }).await;
        payment
    }

    async fn read<A: Decider, T: Send + 'static>(
        &self,
        id: A::Id,
        command: A::Command,
        read: impl Fn(&A) -> T + Send + Sync + 'static,
    ) -> T {
        let correlation = self.fixture.id();
        let metadata =
            Metadata { time: now(), actor: Actor::System, correlation, causation: None, trace: None };
        self.fixture.executor.execute(&id, command, metadata, read).await.unwrap().answer
    }

    async fn give_back(&self, names: &[&str], by: CancelledBy, refund: Money) {
        let (id, seats) = (PaymentId(self.fixture.id()), seats(names));
        let (refund_way, reason, fingerprint, counter) = (RefundWay::Original, None, None, None);
        let returned = SeatReturn { id, seats, by, refund: refund_way, reason, fingerprint, counter };
        self.book(booking::Command::ReturnSeats { returned }).await;
        self.refund(id, refund).await;
    }

    async fn refund(&self, payment: PaymentId, amount: Money) {
        let target = RefundTarget::Wallet;
        self.book(booking::Command::RecordRefund { payment, target, amount }).await;
    }

    /// Moves the booking to seats of another screening, which cost less.
    async fn move_to(&self, screening: ScreeningId, wanted: Vec<WantedSeat>, due: Money) {
        let id = self.follow(screening, wanted, (Settlement::Refund, None)).await;
        self.refund(id, due).await;
    }

    /// Moves the booking to seats of another screening, and returns the id of the move.
    async fn follow(
        &self,
        screening: ScreeningId,
        wanted: Vec<WantedSeat>,
        (settle, method): (Settlement, Option<PaymentMethod>),
    ) -> PaymentId {
        let (id, by) = (PaymentId(self.fixture.id()), CancelledBy::Customer);
        let release = screening::Command::ReleaseLapsedHolds;
        let target = self.read(screening, release, move |screening_state: &Screening| {
            screening_state.move_target(screening, &wanted).unwrap()
        });
        let to = target.await;
        let names = to.new_seats();
        let wanted = WantedMove { id, to, settle, method, by, reason: None, fingerprint: None };
        self.book(booking::Command::RequestMove { wanted }).await;
        let names: Vec<&str> = names.iter().map(|seat| seat.0.as_str()).collect();
        self.book(booking::Command::CompleteMove { id, tickets: tickets(&names) }).await;
        id
    }
}

/// Category, ticket type, seats and money sold, seats and money refunded.
type Line = (String, String, i64, i64, i64, i64);

async fn lines(fixture: &Fixture) -> Vec<Line> {
    let select = "
        SELECT category, ticket_type, sum(seats)::bigint, sum(sold_minor)::bigint, sum(seats_refunded)::bigint,
               sum(refunded_minor)::bigint
        FROM sales_lines GROUP BY 1, 2 ORDER BY 1, 2";
    sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap()
}

/// A booking of three seats gives one back, moves to a cheaper time, gives another one back, and is cancelled by the house.
async fn tell(live: bool) {
    let fixture = Fixture::build().await;
    let promise = Promise { terms: terms(30_000, 15_000, 1_000), ..fixture.promise(1, 6) };
    let later = Promise {
        terms: terms(25_000, 12_000, 500),
        starts_at: promise.starts_at + SignedDuration::from_hours(3),
        ends_at: promise.ends_at + SignedDuration::from_hours(3),
        ..promise.clone()
    };
    let (early, late) = (fixture.open(promise).await, fixture.open(later).await);
    let booking = BookingId(fixture.id());
    let story = Story { fixture, booking, method: PaymentMethod::Wallet, live };
    let projector = live.then(|| story.fixture.project());

    let bought = vec![wanted("R0-1", "adult"), wanted("R0-2", "child"), wanted("R0-3", "adult")];
    let payment = story.buy(early, bought).await;
    story.give_back(&["R0-3"], CancelledBy::Customer, inr(28_000)).await;
    // A seat of the same name, which costs another price.
    story.move_to(late, vec![wanted("R0-1", "adult"), wanted("R0-4", "child")], inr(9_000)).await;
    story.give_back(&["R0-4"], CancelledBy::House, inr(12_500)).await;
    let (by, reason, cascade) = (CancelledBy::House, None, None);
    story.book(booking::Command::CancelBooking { by, reason, cascade, released: true }).await;
    story.refund(payment, inr(25_500)).await;

    let projector = projector.unwrap_or_else(|| story.fixture.project());
    story.fixture.projected().await;
    projector.stop().await;
    let line = |category: &str, ticket_type: &str, [seats, sold, seats_refunded, refunded]: [i64; 4]| {
        (category.to_owned(), ticket_type.to_owned(), seats, sold, seats_refunded, refunded)
    };
    let expected = [
        line("", "", [3, 78_000, 3, 75_000]),
        // The house keeps 20 rupees of the first return.
        line("fees", "fees", [0, 3_000, 0, -1_000]),
        line("gold", "adult", [2, 60_000, 2, 55_000]),
        line("gold", "child", [1, 15_000, 1, 12_000]),
        line("other", "standard", [0, 0, 0, 9_000]),
    ];
    assert_eq!(lines(&story.fixture).await, expected, "live: {live}");
    assert_equal_to_a_rebuild(&story.fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_by_type_add_up_after_returns_and_a_move() {
    tell(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_by_type_are_the_same_if_everything_is_projected_at_once() {
    tell(false).await;
}

/// A booking that a card paid moves to a dearer time, with the difference from the wallet, and is cancelled by the house.
#[tokio::test(flavor = "multi_thread")]
async fn a_difference_counts_for_its_own_way_of_payment() {
    for live in [true, false] {
        let fixture = Fixture::build().await;
        let promise = Promise { terms: terms(30_000, 15_000, 1_000), ..fixture.promise(1, 6) };
        let later = Promise {
            terms: terms(35_000, 15_000, 1_000),
            starts_at: promise.starts_at + SignedDuration::from_hours(3),
            ends_at: promise.ends_at + SignedDuration::from_hours(3),
            ..promise.clone()
        };
        let (early, late) = (fixture.open(promise).await, fixture.open(later).await);
        let booking = BookingId(fixture.id());
        let story = Story { fixture, booking, method: PaymentMethod::Card, live };
        let projector = live.then(|| story.fixture.project());

        let payment = story.buy(early, vec![wanted("R0-1", "adult")]).await;
        let from_wallet = (Settlement::Pay, Some(PaymentMethod::Wallet));
        story.follow(late, vec![wanted("R0-1", "adult")], from_wallet).await;
        let (by, reason, cascade) = (CancelledBy::House, None, None);
        let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
        let returned = |state: &Booking| state.opened.as_ref().unwrap().returns[0].id;
        let difference = story.read(booking, cancel, returned).await;
        story.refund(difference, inr(5_000)).await;
        story.refund(payment, inr(31_000)).await;

        let projector = projector.unwrap_or_else(|| story.fixture.project());
        story.fixture.projected().await;
        projector.stop().await;
        for level in ["category = ''", "category <> ''"] {
            let select = format!(
                "SELECT method, sum(sold_minor)::bigint, sum(refunded_minor)::bigint FROM sales_lines
                 WHERE {level} GROUP BY 1 ORDER BY 1"
            );
            let found: Vec<(String, i64, i64)> =
                sqlx::query_as(sqlx::AssertSqlSafe(select)).fetch_all(&story.fixture.pool).await.unwrap();
            let expected = [("card".to_owned(), 31_000, 31_000), ("wallet".to_owned(), 5_000, 5_000)];
            assert_eq!(found, expected, "live: {live}, {level}");
        }
        assert_equal_to_a_rebuild(&story.fixture).await;
    }
}
