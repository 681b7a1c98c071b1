//! One example of every event, in an order in which they could have happened.

use std::{collections::BTreeMap, fmt::Debug, str::FromStr, sync::Arc};

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Currency, Fingerprint, Gap, Language, Layout, Money, PaymentId, Personal, PromotionId, Row,
    ScreenId, ScreeningId, SeatName, ShowId, TillId, UserId, VenueId,
    account::Role,
    booking::{BookingStatus, CancelledBy, Discount, FailureReason, PaymentMethod, RefundDue, Ticket},
    counter::{Buyer, CounterRefund, CounterSale},
    hold::{PricedSeat, Reservation},
    invoices::{DocumentKind, DocumentNumber, Draft, Line, Seller, Source, Tax},
    payment::{Purpose, RefundReason, RefundTarget, ReviewDecision},
    pricing::{
        CancellationRule, Charges, Fee, FeePer, Quote, SingleSeats, TaxRate, Terms, TicketType, TypeLimit,
    },
    promise::Promise,
    promotion::{Code, Day, PromotionTerms, Reduction},
    rescheduling::{Placement, Rescheduling, WantedChange},
    screen::{HouseBlock, ReplacedDraft},
    screening::{Message, ReleaseReason, TicketUse, Wish},
    seat_move::{MoveRefusal, MoveTarget, SeatMove, Settlement},
    seat_return::{RefundWay, SeatReturn},
    show::{Poster, ShowDetails},
    venue::{PriceTemplate, VenueDetails},
    wallet::{EntryKind, Reference},
};
use uuid::Uuid;

/// The examples of one aggregate. A new variant without an example does not compile. Variants that later gained a field come
/// again at the end, after a semicolon.
macro_rules! examples {
    ($module:ident: $($variant:ident $fields:tt)+ $(; $($later:ident $with:tt)+)?) => {
        pub fn $module() -> Vec<ticketshow_domain::$module::Event> {
            use ticketshow_domain::$module::Event;
            fn each_variant_has_one(event: &Event) {
                match event {
                    $(Event::$variant { .. } => {})+
                }
            }
            let examples = vec![$(Event::$variant $fields,)+ $($(Event::$later $with,)+)?];
            examples.iter().for_each(each_variant_has_one);
            examples
        }
    };
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn customer() -> UserId {
    UserId(id(1))
}

/// A sealed text is never shorter than this.
fn sealed(start: &str) -> Personal {
    Personal::sealed(customer(), &format!("{start:A<40}"))
}

fn admin() -> UserId {
    UserId(id(2))
}

fn booking_id() -> BookingId {
    BookingId(id(6))
}

fn payment_id() -> PaymentId {
    PaymentId(id(7))
}

fn screening_id() -> ScreeningId {
    ScreeningId(id(5))
}

fn cascade() -> Uuid {
    id(8)
}

fn parse<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("examples are well formed")
}

fn time(text: &str) -> Timestamp {
    parse(text)
}

fn rupees(amount: i64) -> Money {
    Money { amount_minor: amount * 100, currency: Currency::INR }
}

fn seat(name: &str) -> SeatName {
    SeatName(name.to_owned())
}

fn fingerprint() -> Fingerprint {
    Fingerprint("5f2b51ca2fdc5baa31ec02e002f69aec".to_owned())
}

fn seat_return() -> SeatReturn {
    SeatReturn {
        id: PaymentId(id(11)),
        seats: vec![seat("B-1")],
        by: CancelledBy::House,
        refund: RefundWay::Wallet,
        reason: Some("The customer fell ill.".to_owned()),
        fingerprint: Some(fingerprint()),
        counter: None,
    }
}

/// A move to a cheaper seat of another screening.
fn seat_move() -> SeatMove {
    let priced = typed("A-2", "standard", 25_000, 0);
    SeatMove {
        id: PaymentId(id(15)),
        payment: payment_id(),
        method: PaymentMethod::Card,
        from: screening_id(),
        given: vec![seat("A-1")],
        to: MoveTarget {
            screening: ScreeningId(id(16)),
            seats: vec![priced],
            currency: Currency::INR,
            starts_at: time("2026-12-02T14:00:00Z"),
            cancel_until: time("2026-12-02T12:00:00Z"),
            charges: Charges::default(),
            cancellation_fee_minor: 0,
            wheelchairs: Vec::new(),
        },
        settle: Settlement::Refund,
        by: CancelledBy::Customer,
        to_pay: None,
        due: Some(rupees(50)),
        fingerprint: Some(fingerprint()),
        apart: None,
        pay_until: None,
        waived: None,
        reason: None,
    }
}

/// A move to a dearer seat, whose difference is paid by card.
fn dearer_move() -> SeatMove {
    SeatMove {
        settle: Settlement::Pay,
        to_pay: Some(rupees(50)),
        due: None,
        apart: Some(PaymentMethod::Card),
        pay_until: Some(time("2026-12-01T10:10:00Z")),
        ..seat_move()
    }
}

/// A move to a dearer seat by the house, which waives the difference.
fn waived_move() -> SeatMove {
    SeatMove {
        settle: Settlement::Waive,
        by: CancelledBy::House,
        due: None,
        waived: Some(rupees(120)),
        reason: Some("The seat was broken.".to_owned()),
        ..seat_move()
    }
}

/// A move of an adult and a child to another screening, which has a fee.
fn move_with_types() -> SeatMove {
    let seats = vec![typed("A-1", "adult", 30_000, 3_000), typed("A-2", "child", 20_000, 2_000)];
    let to = MoveTarget { seats, charges: charges(), cancellation_fee_minor: 5_000, ..seat_move().to };
    SeatMove { given: vec![seat("A-3"), seat("A-4")], to, ..seat_move() }
}

/// A move to a wheelchair place that the customer asked for.
fn move_to_a_place() -> SeatMove {
    let to = MoveTarget { wheelchairs: vec![seat("A-2")], ..seat_move().to };
    SeatMove { to, ..seat_move() }
}

/// Seats whose price is handed back in cash.
fn cash_return() -> SeatReturn {
    let counter = CounterRefund { refund: id(11), till: Some(till_id()), by: admin() };
    SeatReturn { refund: RefundWay::Cash, reason: None, counter: Some(counter), ..seat_return() }
}

fn show_details() -> ShowDetails {
    ShowDetails {
        title: "Dune".to_owned(),
        description: "Sand, and what lives in it.".to_owned(),
        duration_minutes: 155,
        language: "English".to_owned(),
        certificate: Some("UA".to_owned()),
        genres: vec!["Drama".to_owned(), "Science fiction".to_owned()],
        people: vec!["Zoya Rahman".to_owned()],
    }
}

fn poster(name: &str) -> Poster {
    Poster { card: format!("{name}-card.webp"), full: format!("{name}-full.webp") }
}

fn venue_details() -> VenueDetails {
    VenueDetails {
        name: "Regal".to_owned(),
        address: "Shahid Bhagat Singh Road".to_owned(),
        city: "Mumbai".to_owned(),
        timezone: parse("Asia/Kolkata"),
        opens_at: parse("09:30"),
        closes_at: parse("01:00"),
    }
}

fn layout() -> Layout {
    let row = |label: &str, category: &str, aisles_after, accessible| Row {
        label: label.to_owned(),
        category: category.to_owned(),
        seats: 12,
        aisles_after,
        accessible,
        ..Row::default()
    };
    Layout { rows: vec![row("A", "gold", vec![4, 8], vec![1]), row("B", "silver", vec![], vec![])] }
}

/// A standing area, and a curved balcony with odd numbers.
fn balcony() -> Layout {
    let (label, category) = ("PIT".to_owned(), "standing".to_owned());
    let pit = Row { label, category, seats: 200, standing: true, ..Row::default() };
    let balcony = Row {
        label: "BA".to_owned(),
        category: "gold".to_owned(),
        seats: 4,
        accessible: vec![7],
        numbers: vec![7, 5, 3, 1],
        gaps: vec![Gap { after: 5, width: 2 }],
        companions: vec![5],
        curve: 3,
        level: Some("Balcony".to_owned()),
        ..Row::default()
    };
    Layout { rows: vec![pit, balcony] }
}

fn promise() -> Arc<Promise> {
    Arc::new(Promise {
        show: ShowId(id(3)),
        show_title: "Dune".to_owned(),
        venue: VenueId(id(4)),
        venue_name: "Regal".to_owned(),
        city: "Mumbai".to_owned(),
        timezone: parse("Asia/Kolkata"),
        screen: ScreenId(id(9)),
        screen_name: "Screen 1".to_owned(),
        starts_at: time("2026-12-01T14:00:00Z"),
        ends_at: time("2026-12-01T16:35:00Z"),
        cancel_until: time("2026-12-01T12:00:00Z"),
        layout: layout(),
        prices: BTreeMap::from([("gold".to_owned(), 30_000), ("silver".to_owned(), 20_000)]),
        currency: Currency::INR,
        terms: Terms::default(),
    })
}

fn change() -> Uuid {
    id(18)
}

/// Half an hour later, on another screen.
fn price_template(name: &str) -> PriceTemplate {
    let Promise { prices, currency, terms, .. } = Promise::clone(&promise());
    PriceTemplate { name: name.to_owned(), prices, currency, terms }
}

fn later_promise() -> Arc<Promise> {
    Arc::new(Promise {
        screen: ScreenId(id(17)),
        screen_name: "Screen 2".to_owned(),
        starts_at: time("2026-12-01T14:30:00Z"),
        ends_at: time("2026-12-01T17:05:00Z"),
        cancel_until: time("2026-12-01T12:30:00Z"),
        ..Promise::clone(&promise())
    })
}

fn wanted_change() -> WantedChange {
    let fingerprint = Some(fingerprint());
    WantedChange { id: change(), number: 1, promise: later_promise(), by: admin(), fingerprint }
}

fn rescheduling() -> Rescheduling {
    Rescheduling {
        change: change(),
        screening: screening_id(),
        before: Placement::of(&promise()),
        after: Placement::of(&later_promise()),
        cancel_until: time("2026-12-01T12:30:00Z"),
        free_until: time("2026-12-01T14:30:00Z"),
        paid: true,
    }
}

fn reservation() -> Reservation {
    let priced = |name, category: &str, price_minor| PricedSeat {
        seat: seat(name),
        category: category.to_owned(),
        price_minor,
        ticket_type: TicketType::default(),
        discount_minor: 0,
    };
    Reservation {
        booking: booking_id(),
        customer: customer(),
        screening: screening_id(),
        seats: vec![priced("A-1", "gold", 30_000), priced("B-1", "silver", 20_000)],
        amount: rupees(500),
        starts_at: time("2026-12-01T14:00:00Z"),
        cancel_until: time("2026-12-01T12:00:00Z"),
        charges: Charges::default(),
        cancellation_fee_minor: 0,
        promotion: None,
    }
}

examples! { account:
    AccountRegistered {
        user: customer(),
        email: "ada@example.org".into(),
        name: "Ada".into(),
        city: Some("Mumbai".into()),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(),
        role: Role::Customer,
        fingerprint: Some(fingerprint()),
    }
    PasswordChanged { password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$bmV3".into() }
    ProfileUpdated { name: "Ada L.".into(), city: None }
    RoleGranted { role: Role::Staff, venues: None, by: admin() }
    AccountDisabled { reason: "Stolen.".into(), by: admin() }
    AccountEnabled { by: admin() }
    SecondFactorSet { nonce: id(40), step: 58_000_000 }
    OtpUsed { step: 58_000_001 }
    RecoveryCodeUsed { number: 3 }
    SecondFactorRemoved {}
    PersonalDataErased { user: customer() }
    LanguageChosen { language: Language::Hi }
    SalesMailChosen { wanted: true }
    RemindersChosen { wanted: false }
    ;
    AccountRegistered {
        user: customer(),
        email: sealed("RW1haWw"),
        name: sealed("TmFtZQ"),
        city: Some(sealed("Q2l0eQ")),
        password_hash: sealed("SGFzaA"),
        role: Role::Customer,
        fingerprint: Some(fingerprint()),
    }
    PasswordChanged { password_hash: sealed("SGFzaDI") }
    ProfileUpdated { name: sealed("TmFtZTI"), city: None }
    AccountDisabled { reason: sealed("UmVhc29u"), by: admin() }
    RoleGranted { role: Role::BoxOffice, venues: Some([VenueId(id(4))].into()), by: admin() }
}

examples! { show:
    ShowCreated { show: ShowId(id(3)), details: show_details(), fingerprint: Some(fingerprint()) }
    ShowUpdated { details: ShowDetails { certificate: None, ..show_details() } }
    PosterSet { poster: poster("b7e2"), replaced: Some(poster("a1c9")) }
    ShowCancelled { cascade: cascade(), reason: Some("The print was lost.".to_owned()) }
    ShowCleared { cascade: cascade(), screenings: 3 }
}

examples! { venue:
    VenueCreated { venue: VenueId(id(4)), details: venue_details(), fingerprint: Some(fingerprint()) }
    VenueUpdated { details: VenueDetails { city: "Navi Mumbai".to_owned(), ..venue_details() } }
    VenueDeactivated { cascade: cascade(), reason: Some("The roof leaks.".to_owned()) }
    VenueReactivated {}
    PriceTemplateAdded {
        template: id(21),
        content: price_template("Weekday"),
        fingerprint: Some(fingerprint()),
    }
    PriceTemplateChanged { template: id(21), content: price_template("Monday to Thursday") }
    PriceTemplateDropped { template: id(21) }
    VenueCleared { cascade: cascade(), screenings: 3 }
}

examples! { screen:
    ScreenAdded {
        screen: ScreenId(id(9)),
        venue: VenueId(id(4)),
        name: "Screen 1".to_owned(),
        layout: layout(),
        fingerprint: Some(fingerprint()),
    }
    ScreenRenamed { name: "Audi 1".to_owned() }
    LayoutChanged { layout: Layout { rows: layout().rows[..1].to_vec() } }
    ScreeningScheduled {
        screening: screening_id(),
        promise: promise(),
        fingerprint: Some(fingerprint()),
        blocks: Vec::new(),
    }
    ScreeningUnscheduled {
        screening: screening_id(),
        cascade: cascade(),
        reason: Some("The print was lost.".to_owned()),
        decided_at: time("2026-11-25T09:00:00Z"),
    }
    SlotReserved { screening: screening_id(), wanted: wanted_change() }
    SlotTaken { screening: screening_id(), change: change(), promise: later_promise() }
    SlotDropped { screening: screening_id(), change: id(19) }
    SlotVacated { screening: screening_id(), change: change() }
    TurnaroundChanged { minutes: 15 }
    ScreenRetired {}
    ScreenReactivated {}
    ScreeningDrafted {
        screening: screening_id(),
        promise: promise(),
        publish_at: Some(time("2026-11-24T09:00:00Z")),
        fingerprint: Some(fingerprint()),
        replaces: None,
    }
    DraftChanged { screening: screening_id(), promise: later_promise(), publish_at: None }
    DraftPublished { screening: screening_id() }
    DraftDiscarded { screening: screening_id() }
    DraftSeatsBlocked {
        screening: screening_id(),
        block: house_block(22, None),
        fingerprint: Some(fingerprint()),
    }
    DraftBlockReleased { screening: screening_id(), block: id(22), by: admin() }
    ScreenSeatsBlocked {
        block: id(23),
        seats: vec![seat("A-1")],
        reason: "Broken seat".to_owned(),
        by: admin(),
        fingerprint: Some(fingerprint()),
    }
    ScreenBlockReleased { block: id(23), by: admin() };
    LayoutChanged { layout: balcony() }
    ScreeningScheduled {
        screening: screening_id(),
        promise: promise(),
        fingerprint: Some(fingerprint()),
        blocks: vec![house_block(22, None), house_block(24, Some(23))],
    }
    ScreeningDrafted {
        screening: screening_id(),
        promise: later_promise(),
        publish_at: None,
        fingerprint: Some(fingerprint()),
        replaces: Some(ReplacedDraft {
            screen: ScreenId(id(9)),
            draft: ScreeningId(id(25)),
            blocks: vec![house_block(22, None)],
            seen: vec![id(22)],
        }),
    }
    DraftSeatsBlocked {
        screening: screening_id(),
        block: HouseBlock { release_at: Some(time("2026-12-01T12:00:00Z")), ..house_block(27, None) },
        fingerprint: Some(fingerprint()),
    }
}

examples! { screening:
    ScreeningOpened { screening: screening_id(), promise: promise() }
    SeatsReserved {
        booking: booking_id(),
        customer: customer(),
        seats: vec![seat("A-1"), seat("B-1")],
        amount: rupees(500),
        held_until: time("2026-11-22T10:08:00Z"),
        fingerprint: Some(fingerprint()),
        quote: None,
        replaces: None,
    }
    HoldExtended { booking: booking_id(), held_until: time("2026-11-22T10:17:30.25Z") }
    SeatsSold {
        booking: booking_id(),
        customer: customer(),
        payment: payment_id(),
        seats: vec![seat("A-1"), seat("B-1")],
    }
    TicketCheckedIn {
        booking: booking_id(),
        seat: seat("A-1"),
        by: admin(),
        at: time("2026-12-01T13:45:00Z"),
        check_in: None,
        device: None,
        fingerprint: None,
    }
    SeatsReleased {
        booking: booking_id(),
        seats: vec![seat("A-1"), seat("B-1")],
        reason: ReleaseReason::CancelledByHouse,
    }
    MessageSent {
        id: id(12),
        message: Message {
            subject: "The doors open later".to_owned(),
            text: "The doors open at 7 pm.\n\nWe are sorry.".to_owned(),
        },
        by: admin(),
        bookings: 42,
        fingerprint: Some(fingerprint()),
    }
    SeatsTakenBack { booking: booking_id(), returned: seat_return(), left: 1 }
    ScreeningCancelled {
        cascade: cascade(),
        reason: Some("The print was lost.".to_owned()),
        bookings: 42,
    }
    ScreeningCleared { cascade: cascade() }
    CheckInUndone { booking: booking_id(), seat: seat("A-1"), check_in: id(10), by: admin() }
    SeatsBlocked {
        block: id(11),
        seats: vec![seat("A-1"), seat("B-1")],
        reason: "Press".to_owned(),
        release_at: Some(time("2026-12-01T12:00:00Z")),
        by: admin(),
        fingerprint: Some(fingerprint()),
        screen_block: None,
        awaited: Vec::new(),
    }
    BlockReleased {
        block: id(11),
        seats: vec![seat("A-1"), seat("B-1")],
        by: Some(admin()),
        awaited: Vec::new(),
    }
    BlockGrown { block: id(24), seats: vec![seat("B-1")] }
    WheelchairPlacesReleased {}
    AdmissionConflicted {
        booking: booking_id(),
        seat: seat("A-1"),
        by: admin(),
        at: time("2026-12-01T13:53:00Z"),
        check_in: id(12),
        device: Some("Door 2".to_owned()),
        used: Some(TicketUse { at: time("2026-12-01T13:50:00Z"), by: admin(), device: None }),
    }
    WaitingListJoined {
        place: id(15),
        customer: customer(),
        wish: Wish { seats: 2, categories: vec!["gold".to_owned()], wheelchair: false },
        number: 3,
        at: time("2026-12-01T12:00:00Z"),
        fingerprint: Some(fingerprint()),
    }
    WaitingListLeft { place: id(15), customer: customer() }
    SeatsOffered {
        place: id(16),
        booking: booking_id(),
        customer: customer(),
        held_until: time("2026-12-01T12:15:00Z"),
    }
    SeatsSoldAtCounter {
        booking: BookingId(id(14)),
        customer: customer(),
        seats: vec![seat("A-1"), seat("B-1")],
        amount: rupees(500),
        sale: counter_sale(),
        at: time("2026-12-01T13:40:00Z"),
        fingerprint: Some(fingerprint()),
        quote: None,
        promotion: None,
    }
    MoveBegun { booking: booking_id(), id: PaymentId(id(15)) }
    MoveEnded { booking: booking_id(), id: PaymentId(id(15)) }
    SeatsMovedIn {
        booking: booking_id(),
        customer: customer(),
        payment: payment_id(),
        id: PaymentId(id(15)),
        seats: vec![seat("A-2")],
        given: vec![seat("A-1")],
        amount: rupees(250),
        quote: None,
    }
    ScreeningChanged {
        change: change(),
        promise: later_promise(),
        by: admin(),
        at: time("2026-11-25T09:00:00Z"),
        free_until: Some(time("2026-12-01T14:30:00Z")),
        bookings: 2,
        fingerprint: Some(fingerprint()),
    }
    ChangeRefused {
        change: id(19),
        reason: "the other screen has no seats B-12".to_owned(),
        by: admin(),
        fingerprint: Some(fingerprint()),
    }
    ChangeCompleted { change: change() }
    GuestsReminded {
        starts_at: time("2026-12-01T14:00:00Z"),
        held_until: time("2026-12-01T11:08:00Z"),
        bookings: 42,
    }
    ;
    WaitingListJoined {
        place: id(15),
        customer: customer(),
        wish: Wish { seats: 2, categories: Vec::new(), wheelchair: true },
        number: 4,
        at: time("2026-12-01T12:01:00Z"),
        fingerprint: Some(fingerprint()),
    }
    TicketCheckedIn {
        booking: booking_id(),
        seat: seat("A-1"),
        by: admin(),
        at: time("2026-12-01T13:50:00Z"),
        check_in: Some(id(10)),
        device: None,
        fingerprint: None,
    }
    TicketCheckedIn {
        booking: booking_id(),
        seat: seat("B-1"),
        by: admin(),
        at: time("2026-12-01T13:52:00Z"),
        check_in: Some(id(11)),
        device: Some("Door 2".to_owned()),
        fingerprint: None,
    }
    TicketCheckedIn {
        booking: booking_id(),
        seat: seat("C-1"),
        by: admin(),
        at: time("2026-12-01T13:54:00Z"),
        check_in: Some(id(12)),
        device: None,
        fingerprint: Some(fingerprint()),
    }
    SeatsTakenBack { booking: booking_id(), returned: cash_return(), left: 1 }
    ScreeningOpened { screening: screening_id(), promise: promise_with_types() }
    SeatsReserved {
        booking: BookingId(id(15)),
        customer: customer(),
        seats: vec![seat("A-1"), seat("A-2")],
        amount: rupees(520),
        held_until: time("2026-11-22T10:08:00Z"),
        fingerprint: None,
        quote: Some(quote()),
        replaces: None,
    }
    SeatsSoldAtCounter {
        booking: BookingId(id(16)),
        customer: customer(),
        seats: vec![seat("A-3"), seat("A-4")],
        amount: rupees(520),
        sale: counter_sale(),
        at: time("2026-12-01T13:40:00Z"),
        fingerprint: None,
        quote: Some(Quote {
            lines: vec![typed("A-3", "adult", 30_000, 0), typed("A-4", "child", 20_000, 0)],
            ..quote()
        }),
        promotion: None,
    }
    SeatsMovedIn {
        booking: BookingId(id(15)),
        customer: customer(),
        payment: payment_id(),
        id: PaymentId(id(19)),
        seats: vec![seat("A-1"), seat("A-2")],
        given: vec![],
        amount: rupees(520),
        quote: Some(quote()),
    }
    SeatsReserved {
        booking: BookingId(id(20)),
        customer: customer(),
        seats: vec![seat("B-1")],
        amount: rupees(200),
        held_until: time("2026-11-22T10:08:00Z"),
        fingerprint: Some(fingerprint()),
        quote: None,
        replaces: Some(booking_id()),
    }
    SeatsSoldAtCounter {
        booking: BookingId(id(23)),
        customer: customer(),
        seats: vec![seat("A-3")],
        amount: rupees(280),
        sale: counter_sale(),
        at: time("2026-12-01T13:40:00Z"),
        fingerprint: None,
        quote: Some(Quote { lines: vec![typed("A-3", "adult", 30_000, 3_000)], ..quote() }),
        promotion: Some(PromotionId(id(18))),
    }
    ScreeningOpened {
        screening: screening_id(),
        promise: {
            let terms = Terms { single_seats: SingleSeats::Refuse, ..Terms::default() };
            Arc::new(Promise { terms, ..Promise::clone(&promise()) })
        },
    }
    ScreeningOpened {
        screening: screening_id(),
        promise: {
            let terms = Terms { wheelchair_minutes: Some(120), ..Terms::default() };
            Arc::new(Promise { terms, ..Promise::clone(&promise()) })
        },
    }
    SeatsBlocked {
        block: id(24),
        seats: vec![seat("B-2")],
        reason: "Broken seat".to_owned(),
        release_at: None,
        by: admin(),
        fingerprint: None,
        screen_block: Some(id(23)),
        awaited: vec![seat("A-1")],
    }
    BlockReleased { block: id(26), seats: vec![], by: Some(admin()), awaited: vec![seat("A-2")] }
}

/// A promise with everything that a house can set.
fn promise_with_types() -> Arc<Promise> {
    let types = [(TicketType("adult".to_owned()), 30_000), (TicketType("child".to_owned()), 20_000)];
    let limit =
        TypeLimit { max: Some(4), needs_accessible: false, needs_type: Some(TicketType("adult".to_owned())) };
    let terms = Terms {
        type_prices: BTreeMap::from([
            ("gold".to_owned(), types.clone().into()),
            ("silver".to_owned(), types.into()),
        ]),
        limits: BTreeMap::from([(TicketType("child".to_owned()), limit)]),
        charges: charges(),
        cancellation: Some(CancellationRule::Until { minutes: 120, fee_minor: 5_000 }),
        single_seats: SingleSeats::default(),
        wheelchair_minutes: None,
    };
    Arc::new(Promise { terms, ..Promise::clone(&promise()) })
}

fn charges() -> Charges {
    let rate = |name: &str, percent_hundredths| TaxRate { name: name.to_owned(), percent_hundredths };
    Charges {
        fee: Some(Fee { per: FeePer::Ticket, amount_minor: 1_000 }),
        tax_rates: vec![rate("CGST", 900), rate("SGST", 900)],
    }
}

fn typed(name: &str, ticket_type: &str, price_minor: i64, discount_minor: i64) -> PricedSeat {
    let (seat, category) = (seat(name), "gold".to_owned());
    PricedSeat {
        seat,
        category,
        price_minor,
        ticket_type: TicketType(ticket_type.to_owned()),
        discount_minor,
    }
}

fn reservation_with_types() -> Reservation {
    Reservation {
        seats: vec![typed("A-1", "adult", 30_000, 3_000), typed("A-2", "child", 20_000, 2_000)],
        amount: rupees(470),
        charges: charges(),
        cancellation_fee_minor: 5_000,
        promotion: Some(PromotionId(id(18))),
        ..reservation()
    }
}

fn quote() -> Quote {
    let lines = vec![typed("A-1", "adult", 30_000, 0), typed("A-2", "child", 20_000, 0)];
    Quote { lines, charges: charges() }
}

fn till_id() -> TillId {
    TillId(id(12))
}

fn counter_sale() -> CounterSale {
    let buyer = Buyer {
        name: Some(sealed("bmFtZQ")),
        email: Some(sealed("ZW1haWw")),
        phone: Some(sealed("cGhvbmU")),
    };
    CounterSale {
        payment: payment_id(),
        method: PaymentMethod::Cash,
        till: Some(till_id()),
        by: admin(),
        reason: Some("Row A is draughty".to_owned()),
        buyer,
    }
}

examples! { booking:
    BookingOpened { reservation: reservation(), sale: None }
    PaymentAttemptStarted {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        payment: payment_id(),
        method: PaymentMethod::Wallet,
        amount: rupees(500),
        fingerprint: Some(fingerprint()),
    }
    PaymentAttemptFailed {
        booking: booking_id(),
        payment: payment_id(),
        reason: FailureReason::InsufficientFunds,
        status: BookingStatus::Held,
    }
    BookingExpired { booking: booking_id() }
    BookingConfirmed {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        payment: payment_id(),
        method: PaymentMethod::Card,
        amount: rupees(500),
        tickets: vec![
            Ticket { seat: seat("A-1"), code: "TS1.1.AAAA.BBBB".to_owned() },
            Ticket { seat: seat("B-1"), code: "TS1.1.CCCC.DDDD".to_owned() },
        ],
    }
    BookingCancelled {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        by: CancelledBy::House,
        reason: Some("The print was lost.".to_owned()),
        cascade: Some(cascade()),
        refund_due: Some(RefundDue {
            payment: payment_id(),
            method: PaymentMethod::Card,
            amount: rupees(500),
            to: None,
        }),
    }
    SeatsReturned {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        returned: seat_return(),
        due: RefundDue {
            payment: payment_id(),
            method: PaymentMethod::Card,
            amount: rupees(200),
            to: None,
        },
    }
    ReturnRefunded {
        booking: booking_id(),
        payment: PaymentId(id(11)),
        seats: vec![seat("B-1")],
        target: RefundTarget::Wallet,
        amount: rupees(200),
    }
    BookingRefunded {
        booking: booking_id(),
        payment: payment_id(),
        target: PaymentMethod::Card,
        amount: rupees(500),
        cascade: Some(cascade()),
        counter: None,
    }
    NoteAdded {
        booking: booking_id(),
        customer: customer(),
        note: id(13),
        text: sealed("Rang"),
        by: admin(),
        fingerprint: Some(fingerprint()),
        at: None,
    }
    BuyerErased { booking: booking_id(), customer: customer(), by: Some(admin()) }
    TicketShared {
        booking: booking_id(),
        share: id(14),
        seat: seat("A-1"),
        fingerprint: Some(fingerprint()),
    }
    ShareEnded { booking: booking_id(), share: id(14), seat: seat("A-1") }
    MoveRequested { booking: booking_id(), customer: customer(), wanted: seat_move() }
    MovePaid { booking: booking_id(), customer: customer(), wanted: dearer_move() }
    MoveRefused {
        booking: booking_id(),
        customer: customer(),
        wanted: SeatMove { settle: Settlement::Pay, to_pay: Some(rupees(50)), due: None, ..seat_move() },
        reason: MoveRefusal::SeatTaken,
        seats: vec![seat("A-2")],
    }
    BookingMoved {
        booking: booking_id(),
        customer: customer(),
        moved: seat_move(),
        tickets: vec![Ticket { seat: seat("A-2"), code: "TS1.1.EEEE.FFFF".to_owned() }],
    }
    BookingRescheduled { booking: booking_id(), customer: customer(), rescheduling: rescheduling() }
    DiscountApplied {
        booking: BookingId(id(19)),
        screening: screening_id(),
        customer: customer(),
        discount: Discount {
            promotion: PromotionId(id(18)),
            code: Some(Code::new("TUESDAY10")),
            seats_minor: vec![3_000, 2_000],
        },
        amount: rupees(450),
        replaced: Some(PromotionId(id(20))),
    }
    DiscountRemoved {
        booking: BookingId(id(19)),
        screening: screening_id(),
        customer: customer(),
        promotion: PromotionId(id(18)),
        amount: rupees(500),
    }
    ; BookingOpened { reservation: reservation(), sale: Some(counter_sale()) }
    BookingOpened { reservation: reservation_with_types(), sale: None }
    MoveRequested { booking: booking_id(), customer: customer(), wanted: move_with_types() }
    MoveRequested { booking: booking_id(), customer: customer(), wanted: move_to_a_place() }
    MoveRequested { booking: booking_id(), customer: customer(), wanted: dearer_move() }
    MoveRequested { booking: booking_id(), customer: customer(), wanted: waived_move() }
    BookingRefunded {
        booking: booking_id(),
        payment: payment_id(),
        target: PaymentMethod::Cash,
        amount: rupees(500),
        cascade: None,
        counter: Some(CounterRefund { refund: id(13), till: Some(till_id()), by: admin() }),
    }
    SeatsReturned {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        returned: cash_return(),
        due: RefundDue {
            payment: payment_id(),
            method: PaymentMethod::Cash,
            amount: rupees(200),
            to: None,
        },
    }
    NoteAdded {
        booking: booking_id(),
        customer: customer(),
        note: id(14),
        text: sealed("Rang"),
        by: admin(),
        fingerprint: Some(fingerprint()),
        at: Some(time("2026-12-01T10:00:00Z")),
    }
    BookingCancelled {
        booking: booking_id(),
        screening: screening_id(),
        customer: customer(),
        by: CancelledBy::House,
        reason: None,
        cascade: None,
        refund_due: Some(RefundDue {
            payment: payment_id(),
            method: PaymentMethod::Card,
            amount: rupees(300),
            to: Some(RefundTarget::Wallet),
        }),
    }
}

examples! { payment:
    PaymentOpened {
        payment: payment_id(),
        customer: customer(),
        purpose: Purpose::Booking { booking: booking_id() },
        amount: rupees(500),
        fingerprint: Some(fingerprint()),
    }
    CheckoutOpened {
        session: "cks_Vb1a2c3d4e5f6g7h8i9j0".to_owned(),
        url: "https://test.checkout.dodopayments.com/session/cks_Vb1a2c3d4e5f6g7h8i9j0".to_owned(),
        expires_at: time("2026-11-23T10:00:00Z"),
    }
    PaymentAttemptFailed { reason: "CARD_DECLINED".to_owned() }
    PaymentExpired {}
    PaymentMismatched { provider_payment: "pay_Kq1a2c3d4e5f6g7h8i9j0".to_owned(), captured: rupees(499) }
    ReviewDecided { decision: ReviewDecision::Accept, by: admin() }
    PaymentCaptured { provider_payment: "pay_Kq1a2c3d4e5f6g7h8i9j0".to_owned(), captured: rupees(500) }
    PartSplitOff { part: PaymentId(id(11)), amount: rupees(200), refund: RefundWay::Original }
    RefundRequested {
        target: RefundTarget::Card,
        reason: RefundReason::CancelledByHouse,
        amount: rupees(500),
    }
    RefundAttempted { attempt: 1, at: None }
    RefundPutInReview { reason: "five calls without an answer".to_owned() }
    RefundSubmitted { provider_refund: "ref_Zx1a2c3d4e5f6g7h8i9j0".to_owned() }
    RefundFailed { reason: "REFUND_WINDOW_EXPIRED".to_owned() }
    RefundCompleted { target: RefundTarget::Card, amount: rupees(500) }
    PaymentDisputed { dispute: "dsp_Zx1a2c3d4e5f6g7h8i9j0".to_owned(), amount: rupees(500) }
    DisputeWon { dispute: "dsp_Zx1a2c3d4e5f6g7h8i9j0".to_owned() }
    DisputeLost { dispute: "dsp_Zx1a2c3d4e5f6g7h8i9j0".to_owned(), amount: rupees(500) }
    ; RefundAttempted { attempt: 2, at: Some(time("2026-11-22T10:00:00Z")) }
}

examples! { wallet:
    WalletCredited {
        customer: customer(),
        reference: Reference { kind: EntryKind::TopUp, id: id(7) },
        amount: rupees(1_000),
        balance_after_minor: 100_000,
        booking: None,
        reason: Some("Welcome".to_owned()),
    }
    CreditProposed {
        customer: customer(),
        reference: Reference { kind: EntryKind::Credit, id: id(8) },
        amount: rupees(100_000),
        reason: Some("The projector broke".to_owned()),
        by: customer(),
    }
    WalletDebited {
        customer: customer(),
        reference: Reference::payment(payment_id()),
        amount: rupees(500),
        balance_after_minor: 50_000,
        booking: booking_id(),
    }
    WalletDebitDeclined {
        customer: customer(),
        reference: Reference::payment(PaymentId(id(9))),
        booking: booking_id(),
    }
}

examples! { till:
    TillOpened { till: till_id(), seller: admin(), float: rupees(2_000), fingerprint: Some(fingerprint()) }
    CashTaken { till: till_id(), booking: booking_id(), payment: payment_id(), amount: rupees(500) }
    CashReturned { till: till_id(), booking: booking_id(), payment: payment_id(), amount: rupees(500) }
    TillClosed {
        till: till_id(),
        counted: rupees(1_990),
        expected: rupees(2_000),
        at: time("2026-12-01T18:00:00Z"),
    }
}

/// Seats that a screening keeps back.
fn house_block(number: u128, screen_block: Option<u128>) -> HouseBlock {
    HouseBlock {
        id: id(number),
        seats: vec![seat("A-1"), seat("B-1")],
        reason: "Press".to_owned(),
        by: admin(),
        screen_block: screen_block.map(id),
        release_at: None,
    }
}

fn document() -> Draft {
    Draft {
        kind: DocumentKind::Invoice,
        source: Source { position: 42, version: 3 },
        booking: booking_id(),
        customer: customer(),
        screening: screening_id(),
        at: time("2026-11-30T19:00:00Z"),
        day: parse("2026-12-01"),
        show_title: "Dune".to_owned(),
        venue_name: "Regal".to_owned(),
        lines: vec![Line {
            seat: SeatName("A-1".to_owned()),
            ticket_type: TicketType("adult".to_owned()),
            amount_minor: 48_000,
            discount_minor: 0,
        }],
        fees_minor: 2_000,
        amount: rupees(500),
        tax: vec![Tax { name: "GST".to_owned(), percent_hundredths: 1_800, amount_minor: 7_627 }],
        promotion: None,
    }
}

fn discounted_document() -> Draft {
    let mut draft = document();
    for line in &mut draft.lines {
        (line.amount_minor, line.discount_minor) = (43_000, 5_000);
    }
    for tax in &mut draft.tax {
        tax.amount_minor = 6_864;
    }
    Draft { amount: rupees(450), promotion: Some(PromotionId(id(18))), ..draft }
}

examples! { invoices:
    SellerNamed {
        seller: Seller {
            name: "Regal Cinemas Ltd".to_owned(),
            address: "Shahid Bhagat Singh Road, Mumbai".to_owned(),
            tax_number: "27AAPFU0939F1ZV".to_owned(),
            service_code: "999614".to_owned(),
        },
    }
    DocumentIssued {
        number: DocumentNumber { kind: DocumentKind::Invoice, year: 2026, number: 1 },
        draft: document(),
    };
    DocumentIssued {
        number: DocumentNumber { kind: DocumentKind::Invoice, year: 2026, number: 2 },
        draft: discounted_document(),
    }
}

fn promotion_terms(reduction: Reduction) -> PromotionTerms {
    PromotionTerms {
        reduction,
        valid_from: Some(time("2026-12-01T00:00:00Z")),
        valid_until: Some(time("2027-01-01T00:00:00Z")),
        shows: [ShowId(id(3))].into(),
        venues: [VenueId(id(4))].into(),
        ticket_types: [TicketType("adult".to_owned())].into(),
        weekdays: [Day::Tuesday].into(),
        uses_max: 100,
        uses_per_customer_max: Some(1),
        name: None,
    }
}

examples! { promotion:
    PromotionCreated {
        promotion: PromotionId(id(18)),
        code: Some(Code::new("TUESDAY10")),
        terms: promotion_terms(Reduction::Percent(10)),
        by: admin(),
        fingerprint: Some(fingerprint()),
    }
    PromotionChanged { terms: promotion_terms(Reduction::AmountMinor(5_000)), by: admin() }
    UseTaken { booking: booking_id(), customer: customer(), until: time("2026-12-01T10:08:00Z") }
    UseKept { booking: booking_id() }
    UseReturned { booking: booking_id(), kept: true }
}
