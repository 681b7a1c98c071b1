//! The names of streams, subjects and headers, one definition each. `nats/README.md` has them as a table.

use std::fmt::Display;

/// The stream of all events, the only source of truth.
pub const EVENTS: &str = "EVENTS";
/// The stream of timers that are armed or have fired.
pub const TIMERS: &str = "TIMERS";
/// The stream of messages that wait for a person.
pub const PARKED: &str = "PARKED";
/// The stream of notices that a payment provider sent.
pub const WEBHOOKS: &str = "WEBHOOKS";
/// The stream of mails: wanted, sent, failed.
pub const MAILS: &str = "MAILS";
/// The KV bucket of snapshots.
pub const SNAPSHOTS: &str = "SNAPSHOTS";
/// The KV bucket of signed-in sessions.
pub const SESSIONS: &str = "SESSIONS";
/// All event subjects.
pub const ALL_EVENTS: &str = "tix.>";

/// Header: the event types of a commit, in order, joined by commas.
pub const HEADER_EVENTS: &str = "Tix-Events";
/// Header: the aggregate's version after the commit.
pub const HEADER_VERSION: &str = "Tix-Version";
/// Header: correlation id of the commit's first command.
pub const HEADER_CORRELATION: &str = "Tix-Correlation";
/// Header: the W3C trace context of the commit's first command, or of the mail, if its request had one.
pub const HEADER_TRACE: &str = "traceparent";
/// Header: where a mail stands after the message.
pub const HEADER_MAIL: &str = "Tix-Mail";

/// Whether a text can be one token of a subject, as all our aggregates and ids are.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A new name for a consumer that a service reads along with for a while.
#[must_use]
pub fn ephemeral(service: &str) -> String {
    format!("{service}-reads-{:08x}", rand::random::<u32>())
}

/// The subject of one aggregate's commits.
#[must_use]
pub fn aggregate(aggregate: &str, id: impl Display) -> String {
    format!("tix.{aggregate}.{id}")
}

/// Names of the durable consumers, frozen once shipped.
pub mod consumers {
    /// On `EVENTS`: the projectors.
    pub const READ_MODELS: &str = "read-models";
    /// On `EVENTS`, screenings: arms the timers of holds.
    pub const HOLD_EXPIRY: &str = "hold-expiry";
    /// On `EVENTS`, bookings: pays them.
    pub const PAYMENT: &str = "payment";
    /// On `EVENTS`, bookings: gives the money of cancelled ones back.
    pub const REFUND: &str = "refund";
    /// On `EVENTS`, payments: opens checkouts, and makes something of captured money.
    pub const CARD_PAYMENT: &str = "card-payment";
    /// On `EVENTS`, payments: sends money back.
    pub const CARD_REFUND: &str = "card-refund";
    /// On `TIMERS`: asks the provider about payments.
    pub const CARD_PAYMENT_TIMERS: &str = "card-payment-timers";
    /// On `TIMERS`: asks the provider about refunds.
    pub const CARD_REFUND_TIMERS: &str = "card-refund-timers";
    /// On `WEBHOOKS`: reads what the provider told.
    pub const WEBHOOKS: &str = "webhooks";
    /// On `EVENTS`, shows, venues and screens: calls off what is cancelled.
    pub const CASCADE: &str = "cascade";
    /// On `EVENTS`, screens: opens what was scheduled.
    pub const SCHEDULING: &str = "scheduling";
    /// On `EVENTS`, bookings and payments: wants mails.
    pub const NOTIFICATION: &str = "notification";
    /// On `MAILS`: sends them.
    pub const MAILING: &str = "mailing";
    /// On `TIMERS`: the timers of holds that fired.
    pub const HOLD_EXPIRY_TIMERS: &str = "hold-expiry-timers";
}
