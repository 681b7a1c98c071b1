//! Answers read from the log: histories, and states of the past.

use std::sync::Arc;

use insta::{assert_json_snapshot, assert_snapshot};
use jiff::Timestamp;
use serde_json::Value;
use ticketshow_domain::{
    AccountKey, BookingId, Currency, Decider, Money, PaymentId, Policy, ScreenId, ScreeningId, SeatName,
    UserId, VenueId,
    account::{self, Account, Role},
    booking::{self, Booking, PaymentMethod, Ticket},
    examples::{offer, one_row},
    hold::{PricedSeat, Reservation, Standing},
    payment::{self, Payment},
    pricing::{Charges, TicketType},
    promise::Promise,
    screen::{self, OpeningHours, Screen},
    screening::{self, Screening},
};
use ticketshow_http::{Limits, ReadDemands};
use ticketshow_nats::{
    executor::Executor,
    guard::gate::Gate,
    log::{
        history::Log,
        metadata::{Actor, Metadata},
    },
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::{Client, Nats, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use uuid::Uuid;

use crate::fixture::{ADA, BOB, MONSOON, TestApi};

pub const OURS: BookingId = BookingId(Uuid::from_u128(0xb000_0000_0000_0000_0000_0000_0000_0001));
const THEIRS: BookingId = BookingId(Uuid::from_u128(0xb000_0000_0000_0000_0000_0000_0000_0003));
const AMOUNT: Money = Money { amount_minor: 25_000, currency: Currency::INR };

/// A time of the day on which Ada books.
pub fn at(text: &str) -> Timestamp {
    format!("2026-11-22T{text}Z").parse().expect("a time")
}

pub fn monsoon() -> ScreeningId {
    MONSOON.parse().expect("an id")
}

/// The API with a log in which Ada books and pays for a seat, and Bob holds another.
pub struct ApiWithLog {
    pub api: TestApi,
    executor: Executor,
    pub connection: Connection,
    nats: Nats,
}

impl ApiWithLog {
    pub async fn open() -> Self {
        Self::open_with(&Limits::OFF).await
    }

    pub async fn open_with(limits: &Limits) -> Self {
        Self::open_demanding(limits, ReadDemands::default()).await
    }

    pub async fn open_demanding(limits: &Limits, demands: ReadDemands) -> Self {
        let nats = Nats::start().await;
        let settings = Settings { url: nats.url(), name: "test".to_owned(), nkey_seed_file: None };
        let connection = Connection::open(&settings).await.expect("an address");
        let small = TopologySettings { events_bytes_max: 64 << 20, ..TopologySettings::default() };
        provision(&connection, &small).await.expect("a server");
        // A long history is made of holds that are given back.
        let policy = Policy { cool_down_seconds: 0, ..Policy::default() };
        let executor = Executor::new(&connection, policy, Gate::open());
        let api = TestApi::with_demands(&nats.url(), limits, demands).await;
        Self { api, executor, connection, nats }
    }

    pub async fn carry_out<A: Decider>(&self, id: &A::Id, command: A::Command, time: &str) {
        let metadata = Metadata {
            time: at(time),
            actor: Actor::User(UserId(ADA)),
            correlation: Uuid::from_u128(1),
            causation: None,
            trace: None,
        };
        self.executor.execute(id, command, metadata, |_: &A| ()).await.expect("an open log");
    }

    pub async fn reserve(&self, booking: BookingId, customer: Uuid, seat: &str, time: &str) {
        let seats = vec![SeatName(seat.to_owned()).into()];
        let customer = UserId(customer);
        let command = screening::Command::ReserveSeats { booking, customer, seats, fingerprint: None };
        self.carry_out::<Screening>(&monsoon(), command, time).await;
    }

    /// Publishes any message on a subject of the log, and waits until it is stored.
    pub async fn publish(&self, subject: &str, payload: &str) {
        let end = Log::new(&self.connection).last_position().await.expect("a log");
        let address = self.nats.url().trim_start_matches("nats://").to_owned();
        let mut stream = TcpStream::connect(address).await.expect("a server");
        let lines =
            format!("CONNECT {{\"verbose\":false}}\r\nPUB {subject} {}\r\n{payload}\r\n", payload.len());
        stream.write_all(lines.as_bytes()).await.expect("a connection");
        eventually("the message to be stored", async || {
            (Log::new(&self.connection).last_position().await.ok()? > end).then_some(())
        })
        .await;
    }

    /// Messages that the server has sent to the API since it started.
    pub async fn messages_read(&self) -> u64 {
        let connections = Client::new(&self.nats.monitor_url()).get("/connz").await.json;
        let connections = connections["connections"].as_array().expect("a list").clone();
        let ours = connections.iter().find(|connection| connection["name"] == "query-api");
        ours.expect("the API is connected")["out_msgs"].as_u64().expect("a number")
    }

    pub async fn ada_books(&self) {
        let open = screening::Command::OpenScreening {
            screening: monsoon(),
            promise: Arc::new(promise()),
            blocks: Vec::new(),
        };
        self.carry_out::<Screening>(&monsoon(), open, "09:00:00").await;
        self.reserve(OURS, ADA, "A-1", "09:57:00").await;
        self.reserve(THEIRS, BOB, "A-2", "09:58:00").await;
        let payment = PaymentId(Uuid::from_u128(7));
        let pay = booking::Command::PayBooking {
            reservation: reservation(),
            standing: Standing::Held(at("10:05:00")),
            payment,
            method: PaymentMethod::Wallet,
            fingerprint: None,
        };
        self.carry_out::<Booking>(&OURS, pay, "09:59:00").await;
        let tickets = vec![Ticket { seat: SeatName("A-1".to_owned()), code: "code".to_owned() }];
        let confirm = booking::Command::ConfirmBooking { payment, tickets };
        self.carry_out::<Booking>(&OURS, confirm, "09:59:01").await;
        let buy = screening::Command::SellSeats { booking: OURS, payment };
        self.carry_out::<Screening>(&monsoon(), buy, "09:59:02").await;
        self.note_claim(&[2, 6]).await;
    }

    /// Writes the positions of the screening's commits that concern our booking.
    async fn note_claim(&self, positions: &[u64]) {
        let sql =
            format!("UPDATE bookings SET claim_positions = ARRAY{positions:?} WHERE booking_id = '{OURS}'");
        self.api.project(101, &sql).await;
    }
}

pub fn promise() -> Promise {
    Promise {
        show_title: "Monsoon".to_owned(),
        ..one_row("2026-11-23T13:00:00Z".parse().expect("a time"), 2, 25_000)
    }
}

fn reservation() -> Reservation {
    let seat = SeatName("A-1".to_owned());
    Reservation {
        booking: OURS,
        customer: UserId(ADA),
        screening: monsoon(),
        seats: vec![PricedSeat {
            seat,
            category: "gold".to_owned(),
            price_minor: 25_000,
            ticket_type: TicketType::default(),
            discount_minor: 0,
        }],
        amount: AMOUNT,
        starts_at: promise().starts_at,
        cancel_until: promise().cancel_until,
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        promotion: None,
    }
}

#[tokio::test]
async fn a_booking_s_history_merges_its_streams_and_leaves_out_other_bookings() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    let history = stack.api.get_as(ADA, &format!("/bookings/{OURS}/history")).await.expect(200).json();
    let lines: Vec<String> = history["items"].as_array().unwrap().iter().map(line).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    2 2026-11-22T09:57:00Z seats_reserved: Seat A-1 is held until 15:35 on 22 November 2026, for ₹250.00.
    4 2026-11-22T09:59:00Z booking_opened: Booking Q222-2222 for seat A-1 was opened.
    4 2026-11-22T09:59:00Z payment_requested: A payment of ₹250.00 from your wallet was started.
    5 2026-11-22T09:59:01Z booking_confirmed: The booking is confirmed: ₹250.00 paid from your wallet. Your ticket is ready.
    6 2026-11-22T09:59:02Z seats_sold: Seat A-1 is yours.
    "#);
}

#[tokio::test]
async fn a_booking_page_does_not_read_the_other_bookings_of_its_screening() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    let cancel = screening::Command::CancelHold { booking: THEIRS };
    stack.carry_out::<Screening>(&monsoon(), cancel, "09:59:03").await;
    for number in 100..250 {
        let booking = BookingId(Uuid::from_u128(number));
        stack.reserve(booking, BOB, "A-2", "09:59:04").await;
        let cancel = screening::Command::CancelHold { booking };
        stack.carry_out::<Screening>(&monsoon(), cancel, "09:59:05").await;
    }
    let (cascade, decided_at) = (Uuid::from_u128(9), at("09:59:06"));
    let cancel = screening::Command::CancelScreening { cascade, reason: None, decided_at };
    stack.carry_out::<Screening>(&monsoon(), cancel, "09:59:06").await;
    let end = Log::new(&stack.connection).last_position().await.unwrap();
    assert!(end > 300, "{end} commits");
    stack.api.project(end, &format!("UPDATE screenings SET cancelled_position = {end}")).await;

    let before = stack.messages_read().await;
    let history = stack.api.get_as(ADA, &format!("/bookings/{OURS}/history")).await.expect(200);
    let read = stack.messages_read().await - before;
    let events = history.each("event");
    assert_eq!((events.len(), &events[5]), (6, &"screening_cancelled".into()));
    // Three commits of the screening, two of the booking with the ends of their pages.
    assert!(read <= 10, "{read} messages for a page of {} events", events.len());
}

#[tokio::test]
async fn a_commit_that_the_log_does_not_hold_is_503() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    // Position 4 is of another aggregate.
    for missing in [4, 99] {
        stack.note_claim(&[2, missing]).await;
        stack.api.get_as(ADA, &format!("/bookings/{OURS}/history")).await.expect(503);
    }
}

#[tokio::test]
async fn a_booking_s_history_includes_its_card_payment() {
    let stack = ApiWithLog::open().await;
    let open = screening::Command::OpenScreening {
        screening: monsoon(),
        promise: Arc::new(promise()),
        blocks: Vec::new(),
    };
    stack.carry_out::<Screening>(&monsoon(), open, "09:00:00").await;
    stack.reserve(OURS, ADA, "A-1", "09:57:00").await;
    let payment = PaymentId(Uuid::from_u128(7));
    let pay = booking::Command::PayBooking {
        reservation: reservation(),
        standing: Standing::Held(at("10:05:00")),
        payment,
        method: PaymentMethod::Card,
        fingerprint: None,
    };
    stack.carry_out::<Booking>(&OURS, pay, "09:58:00").await;
    let (purpose, customer) = (payment::Purpose::Booking { booking: OURS }, UserId(ADA));
    let (target, reason) = (payment::RefundTarget::Card, payment::RefundReason::SeatsGone);
    let request =
        payment::Command::RequestPayment { payment, customer, purpose, amount: AMOUNT, fingerprint: None };
    let (session, url, expires_at) = ("cks_1".to_owned(), "https://pay.example/1".to_owned(), at("10:15:00"));
    let provider_payment = "pay_1".to_owned();
    let steps = [
        request,
        payment::Command::OpenCheckout { session, url, expires_at },
        payment::Command::CapturePayment { provider_payment, captured: AMOUNT },
        payment::Command::RequestRefund { target, reason },
        payment::Command::RecordRefundAttempt { attempt: 1 },
        payment::Command::RecordRefundSubmitted { provider_refund: "ref_1".to_owned() },
        payment::Command::CompleteRefund { target },
    ];
    for (step, seconds) in steps.into_iter().zip(10..) {
        stack.carry_out::<Payment>(&payment, step, &format!("09:58:{seconds}")).await;
    }
    stack.note_claim(&[2]).await;
    let history = stack.api.get_as(ADA, &format!("/bookings/{OURS}/history")).await.expect(200).json();
    let lines: Vec<String> = history["items"].as_array().unwrap().iter().map(line).collect();
    assert_snapshot!(lines[1..].join("\n"), @r#"
    3 2026-11-22T09:58:00Z booking_opened: Booking Q222-2222 for seat A-1 was opened.
    3 2026-11-22T09:58:00Z payment_requested: A payment of ₹250.00 by card was started.
    5 2026-11-22T09:58:11Z checkout_opened: The payment page is open until 15:45 on 22 November 2026.
    6 2026-11-22T09:58:12Z payment_captured: We received ₹250.00 by card.
    7 2026-11-22T09:58:13Z refund_requested: We are refunding ₹250.00 to your card: the payment arrived after the seats were released.
    8 2026-11-22T09:58:14Z refund_attempted: We asked the payment provider to refund the payment.
    9 2026-11-22T09:58:15Z refund_submitted: The payment provider is processing the refund. Banks may take a few days.
    10 2026-11-22T09:58:16Z refund_completed: ₹250.00 of the card payment has been refunded to your card.
    "#);
}

fn line(happened: &Value) -> String {
    let text = |name: &str| happened[name].as_str().expect("text").to_owned();
    format!("{} {} {}: {}", happened["position"], text("time"), text("event"), text("text"))
}

#[tokio::test]
async fn an_aggregate_is_shown_as_it_was_at_any_position_or_time() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    let path = format!("/admin/history/booking/{OURS}");
    let now = stack.api.get_as_admin(&path).await.expect(200).json();
    assert_eq!(now["state"]["opened"]["status"], "confirmed");
    assert_eq!(now["events"].as_array().unwrap().len(), 3);
    assert_json_snapshot!(now["events"][2], @r#"
    {
      "actor": "user:ac000000-0000-0000-0000-000000000001",
      "causation_id": null,
      "correlation_id": "00000000-0000-0000-0000-000000000001",
      "data": {
        "amount": {
          "amount_minor": 25000,
          "currency": "INR"
        },
        "booking": "b0000000-0000-0000-0000-000000000001",
        "customer": "ac000000-0000-0000-0000-000000000001",
        "method": "wallet",
        "payment": "00000000-0000-0000-0000-000000000007",
        "screening": "5e000000-0000-0000-0000-000000000001",
        "tickets": [
          {
            "code": "code",
            "seat": "A-1"
          }
        ]
      },
      "position": 5,
      "time": "2026-11-22T09:59:01Z",
      "type": "booking_confirmed",
      "version": 3
    }
    "#);

    for until in ["4", "2026-11-22T09:59:00Z", "2026-11-22T09:59:00.5Z"] {
        let then = stack.api.get_as_admin(&format!("{path}?until={until}")).await.expect(200).json();
        assert_eq!(then["state"]["opened"]["status"], "paying", "{until}");
        assert_eq!((&then["position"], &then["version"]), (&4.into(), &2.into()));
    }
    let before = stack.api.get_as_admin(&format!("{path}?until=3")).await.expect(200).json();
    assert!(before["state"].is_null() && before["events"].as_array().unwrap().is_empty());

    let first = stack.api.get_as_admin(&format!("{path}?limit=2")).await.expect(200).json();
    let next = format!("{path}?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = stack.api.get_as_admin(&next).await.expect(200).json();
    assert_eq!(rest["events"][0]["version"], 3);
    assert!(rest["next_cursor"].is_null());
}

#[tokio::test]
async fn pages_of_a_history_without_the_state_read_only_their_own_events() {
    let stack = ApiWithLog::open().await;
    let open = screening::Command::OpenScreening {
        screening: monsoon(),
        promise: Arc::new(promise()),
        blocks: Vec::new(),
    };
    stack.carry_out::<Screening>(&monsoon(), open, "09:00:00").await;
    for number in 1..=150 {
        let booking = BookingId(Uuid::from_u128(number));
        stack.reserve(booking, BOB, "A-2", "09:10:00").await;
        let cancel = screening::Command::CancelHold { booking };
        stack.carry_out::<Screening>(&monsoon(), cancel, "09:10:01").await;
    }
    let mut path = format!("/admin/history/screening/{MONSOON}?state=false&limit=10");
    let (first, mut versions) = (path.clone(), Vec::new());
    let before = stack.messages_read().await;
    loop {
        let page = stack.api.get_as_admin(&path).await.expect(200).json();
        assert!(page["state"].is_null());
        let events = page["events"].as_array().unwrap();
        versions.extend(events.iter().map(|event| event["version"].as_u64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{first}&cursor={cursor}");
    }
    assert_eq!(versions, (1..=301).collect::<Vec<_>>());
    let read = stack.messages_read().await - before;
    // A page of ten events, one after it, the one before it and the end: not all three hundred commits.
    assert!(read <= 31 * 15, "{read} messages for 31 pages");

    let until = format!("{first}&until=2026-11-22T09:05:00Z");
    let until = stack.api.get_as_admin(&until).await.expect(200).json();
    assert_eq!((until["events"].as_array().unwrap().len(), &until["next_cursor"]), (1, &Value::Null));
    stack
        .api
        .get_as_admin(&format!("/admin/history/screening/{}?state=false", Uuid::nil()))
        .await
        .expect(404);
}

#[tokio::test]
async fn the_holder_of_a_seat_can_be_looked_up_at_any_time() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    let at = async |until: &str| {
        let path = format!("/admin/history/screening/{MONSOON}?until={until}");
        stack.api.get_as_admin(&path).await.expect(200).json()["state"]["seats"].clone()
    };
    assert_eq!(at("2026-11-22T09:57:30Z").await, serde_json::json!([{"Held": OURS}, "Free"]));
    assert_eq!(at("2026-11-22T10:00:00Z").await, serde_json::json!([{"Sold": OURS}, {"Held": THEIRS}]));
}

#[tokio::test]
async fn every_aggregate_is_shown_without_its_hashes() {
    let stack = ApiWithLog::open().await;
    let key = AccountKey("0123456789abcdef0123456789abcdef".to_owned());
    let register = account::Command::RegisterAccount {
        user: UserId(ADA),
        email: "ada@example.com".into(),
        name: "Ada".into(),
        city: None,
        password_hash: "$argon2id$secret".into(),
        role: Role::Customer,
        fingerprint: None,
    };
    stack.carry_out::<Account>(&key, register, "09:00:00").await;
    let account = stack.api.get_as_admin(&format!("/admin/history/account/{key}")).await.expect(200);
    assert_eq!(account.json()["state"]["profile"]["name"], "Ada");
    assert!(!String::from_utf8_lossy(&account.body).contains("argon2"));

    let (screen, hour) = (ScreenId(Uuid::from_u128(5)), "00:00".parse().unwrap());
    let add = screen::Command::AddScreen {
        screen,
        venue: VenueId(Uuid::nil()),
        name: "Screen 1".to_owned(),
        layout: promise().layout,
        turnaround_minutes: 0,
        fingerprint: None,
    };
    stack.carry_out::<Screen>(&screen, add, "09:00:00").await;
    let schedule = screen::Command::ScheduleScreening {
        screening: monsoon(),
        offer: Arc::new(offer(promise())),
        opening_hours: OpeningHours { opens_at: hour, closes_at: hour, active: true },
        show_cancelled: false,
        fingerprint: None,
    };
    stack.carry_out::<Screen>(&screen, schedule, "09:01:00").await;
    let shown = stack.api.get_as_admin(&format!("/admin/history/screen/{screen}")).await.expect(200).json();
    assert_json_snapshot!(shown["state"]["calendar"], @r#"
    [
      {
        "ends_at": "2026-11-23T15:00:00Z",
        "screening": "5e000000-0000-0000-0000-000000000001",
        "starts_at": "2026-11-23T13:00:00Z"
      }
    ]
    "#);
}

#[tokio::test]
async fn an_unknown_aggregate_is_404() {
    let stack = ApiWithLog::open().await;
    for path in [
        "booking/b0000000-0000-0000-0000-000000000009",
        "booking/7",
        "booking/%3E",
        "booking/b0000000-0000-0000-0000-000000000001.*",
        "account/x",
        "account/0123456789abcdef0123456789abcdef",
        "cinema/b0000000-0000-0000-0000-000000000001",
    ] {
        stack.api.get_as_admin(&format!("/admin/history/{path}")).await.expect(404);
    }
    for until in ["yesterday", "-1", ""] {
        stack.api.get_as_admin(&format!("/admin/history/booking/{OURS}?until={until}")).await.expect(422);
    }
}

#[tokio::test]
async fn an_administrator_sees_who_had_which_seat_at_any_moment() {
    let stack = ApiWithLog::open().await;
    stack.ada_books().await;
    let path = format!("/admin/screenings/{MONSOON}/seats");
    let seats = async |at: &str| {
        let map = stack.api.get_as_admin(&format!("{path}{at}")).await.expect(200).json();
        let seats = map["rows"][0]["seats"].as_array().unwrap().clone();
        let seat = |seat: Value| {
            let customer = seat["customer"]["email"].as_str().unwrap_or("nobody").to_owned();
            format!("{} {} {customer}", seat["seat"].as_str().unwrap(), seat["status"].as_str().unwrap())
        };
        (map["position"].as_u64().unwrap(), seats.into_iter().map(seat).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(seats("?at=1").await, (1, "A-1 free nobody, A-2 free nobody".to_owned()));
    assert_eq!(seats("?at=2").await, (2, "A-1 held ada@example.com, A-2 free nobody".to_owned()));
    let evening = seats("?at=2026-11-22T09:58:30Z").await;
    assert_eq!(evening, (3, "A-1 held ada@example.com, A-2 held bob@example.com".to_owned()));
    let now = seats("").await;
    assert_eq!(now, (6, "A-1 sold ada@example.com, A-2 held bob@example.com".to_owned()));

    for (path, status) in [
        (format!("{path}?at=0"), 404),
        (format!("/admin/screenings/{OURS}/seats"), 404),
        (format!("{path}?at=yesterday"), 422),
    ] {
        stack.api.get_as_admin(&path).await.expect(status);
    }
    stack.api.get_as(ADA, &path).await.expect(403);
}
