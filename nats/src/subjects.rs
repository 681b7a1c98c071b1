//! Names of streams, subjects, headers and consumers, one definition each. Tables of them are in `nats/README.md`.

use std::fmt::Display;

/// Stream of all events, the only source of truth.
pub const EVENTS: &str = "EVENTS";
/// Stream of armed and fired timers.
pub const TIMERS: &str = "TIMERS";
/// Stream of messages that wait for an administrator.
pub const PARKED: &str = "PARKED";
/// Stream of notices from the payment provider.
pub const WEBHOOKS: &str = "WEBHOOKS";
/// Stream of mails: wanted, sent, failed.
pub const MAILS: &str = "MAILS";
/// Stream of the security log, without acts of staff and administrators.
pub const AUDIT: &str = "AUDIT";
/// Stream of the security log with acts of staff and administrators, which entries of other users cannot push out.
pub const AUDIT_ACTS: &str = "AUDIT_ACTS";
/// Bucket of snapshots.
pub const SNAPSHOTS: &str = "SNAPSHOTS";
/// Bucket of signed-in sessions.
pub const SESSIONS: &str = "SESSIONS";
/// Bucket of requests that wait for a proof.
pub const REQUESTS: &str = "REQUESTS";
/// Bucket with the mark of the installation.
pub const INSTALLATION: &str = "INSTALLATION";
/// Bucket of the keys of persons.
pub const PERSONS: &str = "PERSONS";
/// Filter of all event subjects.
pub const ALL_EVENTS: &str = "tix.>";

/// Header with the event types of a commit, in order, joined by commas.
pub const HEADER_EVENTS: &str = "Tix-Events";
/// Header with the aggregate's version after the commit.
pub const HEADER_VERSION: &str = "Tix-Version";
/// Header with the correlation id of the commit's first command.
pub const HEADER_CORRELATION: &str = "Tix-Correlation";
/// Header with the W3C trace context of the commit's first command, or of the mail's request, if there was one.
pub const HEADER_TRACE: &str = "traceparent";
/// Header with the state of a mail after the message.
pub const HEADER_MAIL: &str = "Tix-Mail";

/// Channel of Postgres, not of NATS: on it the projectors notify readers of the position of the tables, in decimal.
pub const PROJECTED: &str = "projected";

/// Returns `true` if a text can be one token of a subject, as all aggregate types and ids can.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Returns `true` if a subject matches a filter, with `*` for one token and `>` for all that follow.
#[must_use]
pub(crate) fn matches(subject: &str, filter: &str) -> bool {
    let mut tokens = subject.split('.');
    for expected in filter.split('.') {
        match (expected, tokens.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (expected, found) if found == Some(expected) => {}
            _ => return false,
        }
    }
    tokens.next().is_none()
}

/// Subject of the commits of one aggregate.
#[must_use]
pub fn aggregate(aggregate: &str, id: impl Display) -> String {
    format!("tix.{aggregate}.{id}")
}

/// Type and id of an aggregate, from the subject of its commits.
pub(crate) fn split_aggregate(subject: &str) -> (String, String) {
    let mut tokens = subject.splitn(3, '.').skip(1).map(str::to_owned);
    (tokens.next().unwrap_or_default(), tokens.next().unwrap_or_default())
}

/// Names of the durable consumers, frozen once shipped.
pub mod consumers {
    /// Consumer of `EVENTS`: the projectors.
    pub const READ_MODELS: &str = "read-models";
    /// Consumer of `EVENTS`, screenings: arms the timers of holds.
    pub const HOLD_EXPIRY: &str = "hold-expiry";
    /// Consumer of `EVENTS`, bookings: pays them.
    pub const PAYMENT: &str = "payment";
    /// Consumer of `EVENTS`, bookings: refunds cancelled ones.
    pub const REFUND: &str = "refund";
    /// Consumer of `EVENTS`, payments: opens checkouts, and settles captured money.
    pub const CARD_PAYMENT: &str = "card-payment";
    /// Consumer of `EVENTS`, payments: refunds cards.
    pub const CARD_REFUND: &str = "card-refund";
    /// Consumer of `TIMERS`: polls the provider for payments.
    pub const CARD_PAYMENT_TIMERS: &str = "card-payment-timers";
    /// Consumer of `TIMERS`: polls the provider for refunds.
    pub const CARD_REFUND_TIMERS: &str = "card-refund-timers";
    /// Consumer of `WEBHOOKS`: processes the provider's notices.
    pub const WEBHOOKS: &str = "webhooks";
    /// Consumer of `EVENTS`, shows, venues and screens: cancels dependent screenings and bookings.
    pub const CASCADE: &str = "cascade";
    /// Consumer of `EVENTS`, screens: opens scheduled screenings.
    pub const SCHEDULING: &str = "scheduling";
    /// Consumer of `EVENTS`, accounts, bookings and payments: queues mails, and destroys the keys of erased persons.
    pub const NOTIFICATION: &str = "notification";
    /// Consumer of `MAILS`: sends mails.
    pub const MAILING: &str = "mailing";
    /// Consumer of `TIMERS`: publishes drafts.
    pub const PUBLICATION_TIMERS: &str = "publication-timers";
    /// Consumer of `TIMERS`: releases lapsed holds.
    pub const HOLD_EXPIRY_TIMERS: &str = "hold-expiry-timers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_matches_as_the_server_does() {
        for (subject, filter, expected) in [
            ("tix.booking.a", "tix.booking.a", true),
            ("tix.booking.a", "tix.booking.*", true),
            ("tix.booking.a", "tix.>", true),
            ("tix.booking.a", "tix.*.a", true),
            ("tix.booking.a", "tix.wallet.>", false),
            ("tix.booking.a", "tix.booking", false),
            ("tix.booking", "tix.booking.>", false),
            ("tix.booking", "tix.booking.*", false),
        ] {
            assert_eq!(matches(subject, filter), expected, "{subject} {filter}");
        }
    }
}
