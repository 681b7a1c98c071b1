//! Tests that each saga is subscribed to exactly the events it reacts to, over the golden files of all events, and that
//! `docs/events.md` lists these subscriptions.

mod catalogue;
mod variants;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, iter,
    path::Path,
    sync::Arc,
};

use serde_json::value::RawValue;
use ticketshow_domain::{AnyEvent, WireEvent};
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
    payment_consumer::{PaymentConsumer, seat_release},
    provider::dodo::Dodo,
    refund::{self, Refund, promotion_use},
    scheduling::{self, Scheduling},
    seat_move,
    subscriptions::variants::variants_of,
    wallet_payment,
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

/// The golden event, and its variants.
fn with_variants(recorded: &RecordedEvent) -> Vec<RecordedEvent> {
    let variants = variants_of(&recorded.event).into_iter();
    let variants = variants.map(|event| RecordedEvent { event, ..recorded.clone() });
    iter::once(recorded.clone()).chain(variants).collect()
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
