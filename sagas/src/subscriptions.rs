//! Tests that each saga is subscribed to exactly the events it reacts to, over the golden files of all events, and that
//! `docs/events.md` lists these subscriptions.

mod catalogue;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use serde_json::value::RawValue;
use ticketshow_domain::{AnyEvent, WireEvent, booking, payment, screening};
use ticketshow_nats::{
    consumers::subscription::Subscription,
    log::{
        envelope::RecordedEvent,
        metadata::{Actor, Metadata},
    },
};
use uuid::Uuid;

use crate::{
    card_payment::{self, CardPayment},
    card_refund::{self, CardRefund},
    cascade::{self, Cascade},
    examples::start,
    hold_expiry::{self, HoldExpiry},
    mail::notification::{self, Notification},
    payment_consumer::PaymentConsumer,
    promotion_use,
    provider::dodo::Dodo,
    refund::{self, Refund},
    scheduling::{self, Scheduling},
    seat_move, seat_release, wallet_payment,
};

/// Reports whether the sagas of a consumer react to an event.
type Reacts = fn(&RecordedEvent) -> bool;

/// All consumers of the log, with their reactions.
fn consumers() -> Vec<(Subscription, Reacts)> {
    vec![
        (
            PaymentConsumer::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Booking(event) if wallet_payment::react(event).is_some() || seat_move::react(event).is_some() || seat_release::react(event).is_some()),
        ),
        (
            CardPayment::<Dodo>::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Payment(event) if card_payment::react(event).is_some()),
        ),
        (
            CardRefund::<Dodo>::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Payment(event) if card_refund::react(event).is_some()),
        ),
        (
            Refund::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Booking(event) if refund::react(event).is_some() || refund::part::react(event).is_some() || refund::payout(event).is_some() || promotion_use::react(event).is_some()),
        ),
        (Cascade::durable(1), |recorded| cascade::react(recorded).unwrap().is_some()),
        (
            HoldExpiry::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Screening(event) if hold_expiry::react(event).is_some()),
        ),
        (
            Scheduling::durable(1),
            |recorded| matches!(&recorded.event, AnyEvent::Screen(event) if scheduling::react(event).is_some()),
        ),
        (Notification::durable(), |recorded| notification::react(&recorded.event).is_some()),
    ]
}

fn wire_type(event: &AnyEvent) -> &'static str {
    match event {
        AnyEvent::Account(event) => event.wire_type(),
        AnyEvent::Show(event) => event.wire_type(),
        AnyEvent::Venue(event) => event.wire_type(),
        AnyEvent::Screen(event) => event.wire_type(),
        AnyEvent::Screening(event) => event.wire_type(),
        AnyEvent::Booking(event) => event.wire_type(),
        AnyEvent::Payment(event) => event.wire_type(),
        AnyEvent::Wallet(event) => event.wire_type(),
        AnyEvent::Till(event) => event.wire_type(),
        AnyEvent::Invoices(event) => event.wire_type(),
        AnyEvent::Promotion(event) => event.wire_type(),
    }
}

fn goldens() -> Vec<RecordedEvent> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/golden");
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut events = Vec::new();
    for folder in entries(&golden).filter(|path| path.is_dir()) {
        let aggregate = folder.file_name().unwrap().to_str().unwrap();
        for file in entries(&folder) {
            let raw: Box<RawValue> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            events.push(recorded(aggregate, AnyEvent::decode(aggregate, &raw).unwrap()));
        }
    }
    events
}

fn recorded(aggregate: &str, event: AnyEvent) -> RecordedEvent {
    let (id, actor) = (Uuid::from_u128(1), Actor::System);
    let metadata = Metadata { time: start(), actor, correlation: id, causation: None, trace: None };
    RecordedEvent {
        position: 1,
        commit: id,
        aggregate: aggregate.into(),
        id: id.to_string().into(),
        version: 1,
        metadata: Arc::new(metadata),
        event,
    }
}

/// The golden events with the values of each field that decides whether a saga reacts.
#[expect(clippy::wildcard_enum_match_arm, reason = "most events have no such field")]
fn with_variants(recorded: &RecordedEvent) -> Vec<RecordedEvent> {
    let mut variants = vec![recorded.clone()];
    let mut add = |event: AnyEvent| variants.push(RecordedEvent { event, ..recorded.clone() });
    match &recorded.event {
        AnyEvent::Booking(booking::Event::PaymentAttemptStarted { .. }) => {
            for chosen in [booking::PaymentMethod::Wallet, booking::PaymentMethod::Card] {
                let AnyEvent::Booking(mut event) = recorded.event.clone() else { unreachable!() };
                if let booking::Event::PaymentAttemptStarted { method, .. } = &mut event {
                    *method = chosen;
                }
                add(AnyEvent::Booking(event));
            }
        }
        AnyEvent::Booking(booking::Event::PaymentAttemptFailed { .. }) => {
            for ended in [booking::BookingStatus::Expired, booking::BookingStatus::Cancelled] {
                let AnyEvent::Booking(mut event) = recorded.event.clone() else { unreachable!() };
                if let booking::Event::PaymentAttemptFailed { status, .. } = &mut event {
                    *status = ended;
                }
                add(AnyEvent::Booking(event));
            }
        }
        AnyEvent::Booking(booking::Event::BookingCancelled { .. }) => {
            for author in [booking::CancelledBy::Customer, booking::CancelledBy::House] {
                let AnyEvent::Booking(mut event) = recorded.event.clone() else { unreachable!() };
                if let booking::Event::BookingCancelled { by, .. } = &mut event {
                    *by = author;
                }
                add(AnyEvent::Booking(event));
            }
        }
        AnyEvent::Screening(screening::Event::SeatsReleased { booking, seats, .. }) => {
            use screening::ReleaseReason::{CancelledByCustomer, CancelledByHouse, GivenUp, Lapsed, Moved};
            for reason in [Lapsed, GivenUp, CancelledByCustomer, CancelledByHouse, Moved] {
                let (booking, seats) = (*booking, seats.clone());
                add(AnyEvent::Screening(screening::Event::SeatsReleased { booking, seats, reason }));
            }
        }
        AnyEvent::Payment(payment::Event::RefundRequested { reason, amount, .. }) => {
            use payment::{
                RefundReason::Decided,
                RefundTarget::{Card, Wallet},
            };
            for (target, reason) in [(Card, *reason), (Wallet, *reason), (Card, Decided)] {
                let amount = *amount;
                add(AnyEvent::Payment(payment::Event::RefundRequested { target, reason, amount }));
            }
        }
        AnyEvent::Payment(payment::Event::ReviewDecided { by, .. }) => {
            for decision in [payment::ReviewDecision::Accept, payment::ReviewDecision::Refund] {
                add(AnyEvent::Payment(payment::Event::ReviewDecided { decision, by: *by }));
            }
        }
        AnyEvent::Payment(payment::Event::PaymentOpened { payment, .. }) => {
            for chosen in [payment::Purpose::TopUp, payment::Purpose::Stray { of: *payment }] {
                let AnyEvent::Payment(mut event) = recorded.event.clone() else { unreachable!() };
                if let payment::Event::PaymentOpened { purpose, .. } = &mut event {
                    *purpose = chosen;
                }
                add(AnyEvent::Payment(event));
            }
        }
        _ => {}
    }
    variants
}

#[test]
fn each_saga_is_subscribed_to_exactly_the_events_it_reacts_to() {
    let mut by_type: BTreeMap<&str, Vec<RecordedEvent>> = BTreeMap::new();
    for golden in goldens() {
        by_type.entry(wire_type(&golden.event)).or_default().extend(with_variants(&golden));
    }
    assert!(by_type.len() > 40, "only {} golden events", by_type.len());
    for (durable, reacts) in consumers() {
        let subscribed: BTreeSet<&str> = durable.events.iter().copied().collect();
        let reacting = by_type.iter().filter(|(_, events)| events.iter().any(reacts));
        let reacting: BTreeSet<&str> = reacting.map(|(event_type, _)| *event_type).collect();
        assert_eq!(subscribed, reacting, "subscription and reactions of {}", durable.name);
    }
}
