//! Vocabulary for the logs of these tests.

mod bookings;
mod money;
mod screenings;

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AnyEvent, BookingId, PaymentId, PromotionId, ScreenId, ScreeningId, TillId, UserId, booking,
    examples::one_row, payment, promise::Promise, promotion, screen, screening, till, wallet,
};
use ticketshow_nats::log::{
    envelope::RecordedEvent,
    metadata::{Actor, Metadata},
};
use uuid::Uuid;

pub use bookings::*;
pub use money::*;
pub use screenings::*;

/// One event of one aggregate.
#[derive(Debug, Clone)]
pub struct Step {
    aggregate: &'static str,
    id: Uuid,
    event: AnyEvent,
}

/// Returns the log of these steps: one position per step, one second per position.
pub fn recorded(steps: &[Step]) -> Vec<RecordedEvent> {
    let mut versions: HashMap<(&str, Uuid), u64> = HashMap::new();
    let mut record = |(position, step): (u64, &Step)| {
        let version = versions.entry((step.aggregate, step.id)).or_default();
        *version += 1;
        RecordedEvent {
            position,
            commit: Uuid::from_u128(position.into()),
            aggregate: step.aggregate.into(),
            id: step.id.to_string().into(),
            version: *version,
            metadata: Arc::new(Metadata {
                time: time(position.cast_signed()),
                actor: Actor::System,
                correlation: Uuid::nil(),
                causation: None,
                trace: None,
            }),
            event: step.event.clone(),
        }
    };
    (1..).zip(steps).map(&mut record).collect()
}

/// Returns the time of the step at a position.
pub fn time(position: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(position)
}

fn id(kind: u128, n: u8) -> Uuid {
    Uuid::from_u128(kind << 8 | u128::from(n))
}

pub fn booking(n: u8) -> BookingId {
    BookingId(id(1, n))
}

pub fn payment(n: u8) -> PaymentId {
    PaymentId(id(2, n))
}

pub fn cascade() -> Uuid {
    id(9, 1)
}

pub fn customer() -> UserId {
    UserId(id(3, 1))
}

pub fn screening_id() -> ScreeningId {
    ScreeningId(id(4, 1))
}

fn screen_id() -> ScreenId {
    ScreenId(id(5, 1))
}

pub fn promise(from_hour: i64, to_hour: i64) -> Arc<Promise> {
    let promise = Promise {
        screen: screen_id(),
        ends_at: time(to_hour * 3_600),
        ..one_row(time(from_hour * 3_600), 9, 300)
    };
    Arc::new(promise)
}

pub fn on_screen(event: screen::Event) -> Step {
    Step { aggregate: "screen", id: screen_id().0, event: AnyEvent::Screen(event) }
}

pub fn on_screening(event: screening::Event) -> Step {
    Step { aggregate: "screening", id: screening_id().0, event: AnyEvent::Screening(event) }
}

pub fn on_booking(n: u8, event: booking::Event) -> Step {
    Step { aggregate: "booking", id: booking(n).0, event: AnyEvent::Booking(event) }
}

fn on_payment(n: u8, event: payment::Event) -> Step {
    Step { aggregate: "payment", id: payment(n).0, event: AnyEvent::Payment(event) }
}

fn on_wallet(event: wallet::Event) -> Step {
    Step { aggregate: "wallet", id: customer().0, event: AnyEvent::Wallet(event) }
}

fn session(n: u8) -> TillId {
    TillId(id(10, n))
}

pub fn on_promotion(promotion: PromotionId, event: promotion::Event) -> Step {
    Step { aggregate: "promotion", id: promotion.0, event: AnyEvent::Promotion(event) }
}

fn on_till(event: till::Event) -> Step {
    Step { aggregate: "till", id: customer().0, event: AnyEvent::Till(event) }
}
