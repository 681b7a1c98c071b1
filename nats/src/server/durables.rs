//! Definitions of all durable consumers.

use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy, ReplayPolicy};

use crate::subjects::{ALL_EVENTS, EVENTS, MAILS, TIMERS, WEBHOOKS, consumers};

/// A delivered message without acknowledgement or progress report for this time is delivered again.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(30);
/// Largest number of unacknowledged messages per process manager.
pub(crate) const IN_FLIGHT_MAX: i64 = 1_000;

/// All durable consumers with their streams.
pub(crate) fn durables() -> Vec<(&'static str, consumer::Config)> {
    let durable = |name: &str, description: &str, filter: &str| consumer::Config {
        durable_name: Some(name.to_owned()),
        name: Some(name.to_owned()),
        description: Some(description.to_owned()),
        filter_subject: filter.to_owned(),
        deliver_policy: DeliverPolicy::All,
        replay_policy: ReplayPolicy::Instant,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: IN_FLIGHT_MAX,
        max_deliver: -1,
        ..consumer::Config::default()
    };
    // Mails that a server refuses for now wait for days: they must not use up the places of all others.
    let mailing =
        consumer::Config { max_ack_pending: 100_000, ..durable(consumers::MAILING, "Sends mails", "mail.>") };
    // The reader has its own checkpoint and reports it from time to time.
    let read_models = consumer::Config {
        ack_policy: AckPolicy::All,
        ack_wait: Duration::from_mins(5),
        max_ack_pending: 100_000,
        ..durable(consumers::READ_MODELS, "Projectors: the tables in Postgres", ALL_EVENTS)
    };
    // All commits, of which it needs a third: nats-server searches for the next message of several filters among all subjects
    // once a consumer is behind, which held up the writers.
    let notification = durable(consumers::NOTIFICATION, "Queues mails", ALL_EVENTS);
    // Excludes screenings, which are busy: cancelled ones are found in the calendars of the screens.
    let cascade = consumer::Config {
        filter_subjects: ["tix.show.>", "tix.venue.>", "tix.screen.>"].map(str::to_owned).to_vec(),
        ..durable(consumers::CASCADE, "Cancels dependent screenings and bookings", "")
    };
    let timers = |kind: &str| format!("timer.fired.{kind}.*");
    vec![
        (EVENTS, read_models),
        (EVENTS, durable(consumers::HOLD_EXPIRY, "Arms the timers of holds", "tix.screening.>")),
        (EVENTS, durable(consumers::PAYMENT, "Pays bookings", "tix.booking.>")),
        (EVENTS, durable(consumers::REFUND, "Refunds cancelled bookings", "tix.booking.>")),
        (
            EVENTS,
            durable(consumers::CARD_PAYMENT, "Opens checkouts and settles captured money", "tix.payment.>"),
        ),
        (EVENTS, durable(consumers::CARD_REFUND, "Refunds cards", "tix.payment.>")),
        (EVENTS, cascade),
        (EVENTS, durable(consumers::SCHEDULING, "Opens scheduled screenings", "tix.screen.>")),
        (EVENTS, notification),
        (MAILS, mailing),
        (TIMERS, durable(consumers::HOLD_EXPIRY_TIMERS, "Releases lapsed holds", &timers("hold-expiry"))),
        (TIMERS, durable(consumers::PUBLICATION_TIMERS, "Publishes drafts", &timers("publication"))),
        (TIMERS, durable(consumers::CARD_PAYMENT_TIMERS, "Polls payments", &timers("card-payment"))),
        (TIMERS, durable(consumers::CARD_REFUND_TIMERS, "Polls refunds", &timers("card-refund"))),
        (WEBHOOKS, durable(consumers::WEBHOOKS, "Processes notices of the provider", "webhook.>")),
    ]
}

/// Names of the durable consumers with their streams.
pub(crate) fn durable_names() -> impl Iterator<Item = (&'static str, String)> {
    durables().into_iter().filter_map(|(stream, durable)| Some((stream, durable.durable_name?)))
}

pub(crate) fn durable_is_as_wanted(found: &consumer::Config, wanted: &consumer::Config) -> bool {
    let essence = |config: &consumer::Config| {
        let delivery = (config.deliver_policy, config.replay_policy, config.max_deliver);
        let acks = (config.ack_policy, config.ack_wait, config.max_ack_pending);
        let filters = (config.filter_subject.clone(), config.filter_subjects.clone());
        (filters, delivery, acks, config.deliver_subject.is_none())
    };
    essence(found) == essence(wanted)
}
