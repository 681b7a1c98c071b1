//! Sales at the counter: their bookings and money, the report of the till, and the names of the buyers.

use ticketshow_domain::{
    AccountKey, BookingId, Currency, Money, PaymentId, ScreeningId, SeatName, TillId, UserId,
    account::{self, Account, Role},
    booking::{self, Booking, CancelledBy, PaymentMethod, Ticket},
    counter::{Buyer, CounterRefund, CounterSale, CounterSeat},
    screening::{self, ReleaseReason, Screening},
    seat_return::{RefundWay, SeatReturn},
    till::{self, Till},
};
use ticketshow_nats::{executor::outcome::Freshness, key_ring::WrappingKeys, kv::persons::Persons};
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::fixture::{Fixture, PRICE};

const SELLER: UserId = UserId(Uuid::from_u128(1_001));
const TILL: TillId = TillId(Uuid::from_u128(1_002));

fn inr(amount_minor: i64) -> Money {
    Money { amount_minor, currency: Currency::INR }
}

/// Sells a seat to `customer`, completes the sale, and returns its booking.
async fn sell(
    fixture: &Fixture,
    screening: ScreeningId,
    seat: &str,
    method: PaymentMethod,
    customer: UserId,
    buyer: Buyer,
) -> BookingId {
    sell_all(fixture, screening, &[seat], method, customer, buyer).await
}

async fn sell_all(
    fixture: &Fixture,
    screening: ScreeningId,
    names: &[&str],
    method: PaymentMethod,
    customer: UserId,
    buyer: Buyer,
) -> BookingId {
    let booking = BookingId(fixture.id());
    sell_as(fixture, booking, screening, names, method, customer, buyer).await;
    booking
}

async fn sell_as(
    fixture: &Fixture,
    booking: BookingId,
    screening: ScreeningId,
    names: &[&str],
    method: PaymentMethod,
    customer: UserId,
    buyer: Buyer,
) {
    let payment = PaymentId(fixture.id());
    let (till, reason) = (Some(TILL), Some("Press".to_owned()));
    let sale = CounterSale { payment, method, till, by: SELLER, reason, buyer };
    let seat = |name: &&str| SeatName((*name).to_owned());
    let seats =
        names.iter().map(|name| CounterSeat { seat: seat(name), block: None, ticket_type: None }).collect();
    let (sold, fingerprint) = (sale.clone(), None);
    let command = screening::Command::SellAtCounter { booking, customer, seats, sale: sold, fingerprint };
    fixture.execute::<Screening>(&screening, command).await;
    let seen = fixture.executor.state::<Screening>(&screening, Freshness::Fresh).await.unwrap();
    let reservation = seen.state.reservation(screening, booking).unwrap();
    let amount = reservation.amount;
    let ticket = |name: &&str| Ticket { seat: seat(name), code: format!("{booking}/{name}") };
    let tickets = names.iter().map(ticket).collect();
    let command = booking::Command::OpenSold { reservation, sale, tickets };
    fixture.execute::<Booking>(&booking, command).await;
    if method == PaymentMethod::Cash {
        let command = till::Command::TakeCash { till: TILL, booking, payment, amount };
        fixture.execute::<Till>(&SELLER, command).await;
    }
}

async fn assert_equal_to_a_rebuild(fixture: &Fixture) {
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
}

/// Cancels a sale and hands its money back in cash.
async fn refund(fixture: &Fixture, screening: ScreeningId, booking: BookingId) {
    let release = screening::Command::ReleaseSeats { booking, reason: ReleaseReason::CancelledByHouse };
    fixture.execute::<Screening>(&screening, release).await;
    let (by, reason, cascade) = (CancelledBy::House, None, None);
    let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
    fixture.execute::<Booking>(&booking, cancel).await;
    fixture.projected().await;
    assert_eq!(refund_of(fixture).await, "requested cash");
    let counter = CounterRefund { refund: fixture.id(), till: Some(TILL), by: SELLER };
    let hand_back = booking::Command::RefundAtCounter { target: PaymentMethod::Cash, counter };
    fixture.execute::<Booking>(&booking, hand_back).await;
    let seen = fixture.executor.state::<Booking>(&booking, Freshness::Fresh).await.unwrap();
    let payment = seen.state.opened.unwrap().winner().unwrap().payment;
    let amount = inr(PRICE);
    let returned = till::Command::ReturnCash { till: TILL, booking, payment, amount };
    fixture.execute::<Till>(&SELLER, returned).await;
}

async fn refund_of(fixture: &Fixture) -> String {
    let owed = "SELECT refund_status || ' ' || refund_target FROM payments WHERE refund_status IS NOT NULL";
    sqlx::query_scalar(owed).fetch_one(&fixture.pool).await.unwrap()
}

/// A total, its part and its amount.
type Sum = (String, String, i64);

/// Sums of all payments; bookings, their amount, refunded ones, and their amount.
async fn sums(fixture: &Fixture) -> (Vec<Sum>, (i64, i64, i64, i64)) {
    let money = sqlx::query_as(
        "SELECT total, part, amount_minor::bigint FROM money_sums
         WHERE total IN ('captured', 'refunded') AND count <> 0 ORDER BY 1, 2",
    );
    let sales = sqlx::query_as(
        "SELECT bookings, sold_minor::bigint, bookings_refunded, refunded_minor::bigint FROM sales
         WHERE span = 'ever' AND show_id = '00000000-0000-0000-0000-000000000000'
           AND venue_id = '00000000-0000-0000-0000-000000000000'",
    );
    (money.fetch_all(&fixture.pool).await.unwrap(), sales.fetch_one(&fixture.pool).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_and_refunds_at_the_counter_are_in_bookings_payments_sums_and_tills() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let (float, fingerprint) = (inr(1_000), None);
    let open = till::Command::OpenTill { till: TILL, seller: SELLER, float, fingerprint };
    fixture.execute::<Till>(&SELLER, open).await;
    let walk_in = || UserId(fixture.id());
    let by_cash = sell(&fixture, screening, "R0-1", PaymentMethod::Cash, walk_in(), Buyer::default()).await;
    sell(&fixture, screening, "R0-2", PaymentMethod::Upi, walk_in(), Buyer::default()).await;
    sell(&fixture, screening, "R0-3", PaymentMethod::Complimentary, walk_in(), Buyer::default()).await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await, (1, vec![2, 2, 2, 0]));
    let bookings: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT b.status, p.method, p.status, p.captured_minor FROM bookings b JOIN payments p USING (payment_id)
         ORDER BY b.seats",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    let row = |method: &str, minor| ("confirmed".to_owned(), method.to_owned(), "captured".to_owned(), minor);
    assert_eq!(bookings, [row("cash", PRICE), row("upi", PRICE), row("complimentary", 0)]);

    refund(&fixture, screening, by_cash).await;
    let close = till::Command::CloseTill { till: TILL, counted: inr(900) };
    fixture.execute::<Till>(&SELLER, close).await;
    fixture.projected().await;
    assert_eq!(refund_of(&fixture).await, "completed cash");

    let till: (i64, i64, i64, Option<i64>) =
        sqlx::query_as("SELECT float_minor, taken_minor, returned_minor, counted_minor FROM tills")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(till, (1_000, PRICE, PRICE, Some(900)));
    let (money, sales) = sums(&fixture).await;
    let sum = |total: &str, part: &str, minor| (total.to_owned(), part.to_owned(), minor);
    assert_eq!(
        money,
        [
            sum("captured", "cash", PRICE),
            sum("captured", "complimentary", 0),
            sum("captured", "upi", PRICE),
            sum("refunded", "cash", PRICE),
        ]
    );
    assert_eq!(sales, (3, 2 * PRICE, 1, PRICE));
    let differences: i64 = sqlx::query_scalar("SELECT count(*) FROM payments WHERE difference IS NOT NULL")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(differences, 0);
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

/// Hands the price of a seat back in cash.
async fn hand_back(fixture: &Fixture, screening: ScreeningId, booking: BookingId, seat: &str) {
    let id = PaymentId(fixture.id());
    let (reason, fingerprint) = (None, None);
    let counter = Some(CounterRefund { refund: id.0, till: Some(TILL), by: SELLER });
    let (seats, by, refund) = (vec![SeatName(seat.to_owned())], CancelledBy::House, RefundWay::Cash);
    let returned = SeatReturn { id, seats, by, refund, reason, fingerprint, counter };
    let take_back = screening::Command::TakeBackSeats { booking, returned: returned.clone() };
    fixture.execute::<Screening>(&screening, take_back).await;
    fixture.execute::<Booking>(&booking, booking::Command::ReturnSeats { returned }).await;
    let command = till::Command::ReturnCash { till: TILL, booking, payment: id, amount: inr(PRICE) };
    fixture.execute::<Till>(&SELLER, command).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_seats_that_are_handed_back_in_cash_are_in_all_sums_and_in_their_category() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let screening = fixture.screening(1, 4).await;
    let (float, fingerprint) = (inr(1_000), None);
    let open = till::Command::OpenTill { till: TILL, seller: SELLER, float, fingerprint };
    fixture.execute::<Till>(&SELLER, open).await;
    let (customer, names) = (UserId(fixture.id()), ["R0-1", "R0-2", "R0-3"]);
    let method = PaymentMethod::Cash;
    let booking = sell_all(&fixture, screening, &names, method, customer, Buyer::default()).await;
    hand_back(&fixture, screening, booking, "R0-2").await;
    fixture.projected().await;
    assert_eq!(fixture.seats_of(screening).await, (2, vec![2, 0, 2, 0]));
    let row: (String, i64, String, serde_json::Value) =
        sqlx::query_as("SELECT status, amount_minor, returns->0->>'target', to_jsonb(seats) FROM bookings")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    let left = serde_json::json!(["R0-1", "R0-3"]);
    assert_eq!(row, ("confirmed".to_owned(), 2 * PRICE, "cash".to_owned(), left));

    let sum = |total: &str, part: &str, minor| (total.to_owned(), part.to_owned(), minor);
    let expected = |refunded| vec![sum("captured", "cash", 3 * PRICE), sum("refunded", "cash", refunded)];
    assert_eq!(sums(&fixture).await, (expected(PRICE), (1, 3 * PRICE, 0, PRICE)));
    // The rest is cancelled, and waits at the counter until it is handed back.
    let release = screening::Command::ReleaseSeats { booking, reason: ReleaseReason::CancelledByHouse };
    fixture.execute::<Screening>(&screening, release).await;
    let (by, reason, cascade) = (CancelledBy::House, None, None);
    let cancel = booking::Command::CancelBooking { by, reason, cascade, released: true };
    fixture.execute::<Booking>(&booking, cancel).await;
    let counter = CounterRefund { refund: fixture.id(), till: Some(TILL), by: SELLER };
    let rest = booking::Command::RefundAtCounter { target: PaymentMethod::Cash, counter };
    fixture.execute::<Booking>(&booking, rest).await;
    fixture.projected().await;
    assert_eq!(sums(&fixture).await, (expected(3 * PRICE), (1, 3 * PRICE, 1, 3 * PRICE)));

    let lines: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT category, sum(seats_refunded)::bigint, sum(refunded_minor)::bigint FROM sales_lines GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(lines.len(), 2, "nothing is in the category other: {lines:?}");
    assert!(lines.iter().all(|(_, seats, minor)| (*seats, *minor) == (3, 3 * PRICE)), "{lines:?}");
    let counted: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT returned_minor FROM counter_sales), (SELECT returned_minor FROM tills),
                (SELECT amount_minor FROM counter_returns)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(counted, (PRICE, PRICE, PRICE), "the till entered the first seat");
    let differences: i64 = sqlx::query_scalar("SELECT count(*) FROM payments WHERE difference IS NOT NULL")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(differences, 0);
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_buyer_said_is_erased_with_the_account() {
    let mut fixture = Fixture::build().await;
    fixture.connection = fixture.connection.clone().with_wrapping_keys(WrappingKeys::new(vec![[1; 32]]));
    let persons = Persons::new(&fixture.connection);
    let key = AccountKey("0123456789abcdef0123456789abcdef".to_owned());
    let user = UserId(fixture.id());
    let seal = async |text: &str| persons.seal(user, text).await.unwrap();
    let register = account::Command::RegisterAccount {
        user,
        email: seal("ada@example.org").await,
        name: seal("Ada").await,
        city: None,
        password_hash: seal("$argon2id$").await,
        role: Role::Customer,
        fingerprint: None,
    };
    fixture.execute::<Account>(&key, register).await;
    let screening = fixture.screening(1, 4).await;
    let (name, phone) = (Some(seal("Ada L.").await), Some(seal("98200 12345").await));
    let buyer = Buyer { name, email: None, phone };
    sell(&fixture, screening, "R0-1", PaymentMethod::Upi, user, buyer).await;
    let projector = fixture.project();
    fixture.projected().await;
    let row = async || -> (Option<String>, Option<String>, Option<String>) {
        sqlx::query_as("SELECT name, email, phone FROM buyers").fetch_one(&fixture.pool).await.unwrap()
    };
    let said = |name: &str, phone: &str| (Some(name.to_owned()), None, Some(phone.to_owned()));
    assert_eq!(row().await, said("Ada L.", "98200 12345"));
    fixture.execute::<Account>(&key, account::Command::ErasePersonalData { user }).await;
    fixture.projected().await;
    assert_eq!(row().await, said("erased", "erased"));
    persons.destroy(user).await.unwrap();
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_without_an_account_is_erased_with_the_notes_and_no_other_is() {
    let mut fixture = Fixture::build().await;
    fixture.connection = fixture.connection.clone().with_wrapping_keys(WrappingKeys::new(vec![[1; 32]]));
    let persons = Persons::new(&fixture.connection);
    let screening = fixture.screening(1, 4).await;
    let mut sold = Vec::new();
    for (seat, name) in [("R0-1", "Ada"), ("R0-2", "Bob")] {
        let booking = BookingId(fixture.id());
        let walk_in = UserId(booking.0);
        let name = Some(persons.seal(walk_in, name).await.unwrap());
        let buyer = Buyer { name, ..Buyer::default() };
        sell_as(&fixture, booking, screening, &[seat], PaymentMethod::Upi, walk_in, buyer).await;
        let (note, by) = (fixture.id(), UserId(fixture.id()));
        let text = persons.seal(walk_in, "Comes late.").await.unwrap();
        let (customer, fingerprint) = (walk_in, None);
        let command = booking::Command::AddNote { booking, customer, note, text, by, fingerprint };
        fixture.execute::<Booking>(&booking, command).await;
        sold.push(booking);
    }
    let erase = booking::Command::EraseBuyer { booking: sold[0], by: None };
    fixture.execute::<Booking>(&sold[0], erase).await;
    let projector = fixture.project();
    fixture.projected().await;

    let known = async || -> Vec<(Uuid, String, String)> {
        let select = "SELECT b.user_id, b.name, n.text FROM buyers b JOIN booking_notes n ON n.booking_id = b.user_id ORDER BY 1";
        sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap()
    };
    let said = |booking: BookingId, name: &str, text: &str| (booking.0, name.to_owned(), text.to_owned());
    assert_eq!(known().await, [said(sold[0], "erased", "erased"), said(sold[1], "Bob", "Comes late.")]);
    persons.destroy(UserId(sold[0].0)).await.unwrap();
    projector.stop().await;
    assert_equal_to_a_rebuild(&fixture).await;

    // Once it was projected before.
    let projector = fixture.project();
    let erase = booking::Command::EraseBuyer { booking: sold[1], by: None };
    fixture.execute::<Booking>(&sold[1], erase).await;
    fixture.projected().await;
    assert_eq!(known().await[1], said(sold[1], "erased", "erased"));
    projector.stop().await;
}
