//! Users of NATS and their permissions. Each user has only the permissions that its job needs.
//!
//! No user may delete or purge a stream, and only one may create, update, copy or restore streams, the latter only if
//! no stream has the name. No other user may create a consumer, because a consumer delivers to any subject its
//! creator names. The user that processes a durable consumer may neither change nor delete it, and no other user may
//! take its messages.
//!
//! Permissions restrict what a user sends, not what the server answers: an answer goes to any subject that the request names. So
//! each user has an account of its own, which imports only what the user may send, and answers cannot leave it.

use nkeys::KeyPair;

use crate::{
    server::copies::COPIED,
    subjects::{
        AUDIT, AUDIT_ACTS, EVENTS, INSTALLATION, MAILS, PARKED, PERSONS, REQUESTS, SESSIONS, SNAPSHOTS,
        TIMERS, WEBHOOKS,
        consumers::{
            self, CASCADE, HOLD_EXPIRY, HOLD_EXPIRY_TIMERS, MAILING, NOTIFICATION, PAYMENT, READ_MODELS,
            REFUND, SCHEDULING,
        },
    },
};

/// Requests about parked messages, answered by the sagas.
const PARKED_REQUESTS: &str = "tixctl.parked.*";
/// Requests to rebuild read models, answered by the projectors.
const REBUILD_REQUESTS: &str = "tixctl.projections.rebuild";
/// Notices of the server about streams and consumers.
pub(crate) const ADVISORIES: &str = "$JS.EVENT.>";

/// Account of the streams.
pub const LOG_ACCOUNT: &str = "LOG";

/// User of NATS. Each has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NatsUser {
    /// Creates, updates, copies and restores streams and consumers; used by `ticketshow up` and `ticketshow admin`.
    Provision,
    /// Runs commands and manages sessions.
    CommandApi,
    /// Reads.
    QueryApi,
    /// Builds the read models.
    Projectors,
    /// Runs the process managers.
    Sagas,
    /// Runs all four services in one process.
    Serve,
    /// Administrator with the `nats` CLI.
    Operator,
}

impl NatsUser {
    /// All users.
    pub const ALL: [Self; 7] = [
        Self::Provision,
        Self::CommandApi,
        Self::QueryApi,
        Self::Projectors,
        Self::Sagas,
        Self::Serve,
        Self::Operator,
    ];

    /// Name of the user, and [`crate::server::connection::Settings::name`] of its connections.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::CommandApi => "command-api",
            Self::QueryApi => "query-api",
            Self::Projectors => "projectors",
            Self::Sagas => "sagas",
            Self::Serve => "serve",
            Self::Operator => "operator",
        }
    }

    /// Account of the user. The streams are in that of the provisioning user.
    pub(crate) fn account(self) -> String {
        match self {
            Self::Provision => LOG_ACCOUNT.to_owned(),
            Self::CommandApi
            | Self::QueryApi
            | Self::Projectors
            | Self::Sagas
            | Self::Serve
            | Self::Operator => self.name().to_uppercase().replace('-', "_"),
        }
    }

    /// Permissions of the user.
    pub(crate) fn permissions(self) -> Permissions {
        let mut may = Permissions::default();
        may.subscribe.push(format!("_INBOX_{}.>", self.name()));
        may.inspect_topology();
        match self {
            Self::Provision => may.provision(),
            Self::CommandApi => may.command(),
            Self::QueryApi => may.query(),
            Self::Projectors => may.project(),
            Self::Sagas => may.run_sagas(),
            Self::Serve => {
                may.command();
                may.query();
                may.project();
                may.run_sagas();
            }
            Self::Operator => may.operate(),
        }
        may.finish()
    }
}

/// Subjects that a user may publish and subscribe to.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
    /// Requests of other users that it answers.
    pub answers: Vec<&'static str>,
}

impl Permissions {
    fn publish<S: Into<String>>(&mut self, subjects: impl IntoIterator<Item = S>) {
        self.publish.extend(subjects.into_iter().map(Into::into));
    }

    fn api<S: std::fmt::Display>(&mut self, calls: impl IntoIterator<Item = S>) {
        self.publish(calls.into_iter().map(|call| format!("$JS.API.{call}")));
    }

    fn inspect_topology(&mut self) {
        self.api(["STREAM.INFO.*", "CONSUMER.INFO.*.*"]);
    }

    fn read(&mut self, stream: &str) {
        self.api([format!("STREAM.MSG.GET.{stream}"), format!("DIRECT.GET.{stream}")]);
    }

    fn read_bucket(&mut self, bucket: &str) {
        self.read(&format!("KV_{bucket}"));
    }

    fn write_bucket(&mut self, bucket: &str) {
        self.read_bucket(bucket);
        self.publish([format!("$KV.{bucket}.>")]);
    }

    fn append(&mut self, aggregates: &[&str]) {
        self.read(EVENTS);
        self.publish(aggregates.iter().map(|aggregate| format!("tix.{aggregate}.*")));
        self.write_bucket(SNAPSHOTS);
    }

    fn consume(&mut self, stream: &str, durable: &str) {
        self.api([
            format!("CONSUMER.MSG.NEXT.{stream}.{durable}"),
            format!("CONSUMER.RESET.{stream}.{durable}"),
        ]);
        self.publish([format!("$JS.ACK.{stream}.{durable}.>")]);
    }

    fn queue_mails(&mut self) {
        self.read(MAILS);
        self.publish(["mail.*.*.*"]);
    }

    fn provision(&mut self) {
        self.api(["STREAM.CREATE.*", "STREAM.UPDATE.*", "CONSUMER.CREATE.*.*", "CONSUMER.RESET.*.*"]);
        // The server sends a copy to any subject that the request names, so no other user may ask for one.
        self.api(COPIED.map(|stream| format!("STREAM.SNAPSHOT.{stream}")));
        self.publish(COPIED.map(|stream| format!("$JS.SNAPSHOT.ACK.{stream}.>")));
        // The server refuses to restore over an existing stream.
        self.api(COPIED.map(|stream| format!("STREAM.RESTORE.{stream}")));
        self.publish(COPIED.map(|stream| format!("$JS.SNAPSHOT.RESTORE.{stream}.*")));
        self.read(EVENTS);
        self.write_bucket(SNAPSHOTS);
    }

    fn command(&mut self) {
        self.append(&[
            "account",
            "show",
            "venue",
            "screen",
            "screening",
            "booking",
            "payment",
            "wallet",
            "till",
            "promotion",
        ]);
        self.write_bucket(SESSIONS);
        self.write_bucket(REQUESTS);
        self.write_bucket(PERSONS);
        self.write_bucket(INSTALLATION);
        self.read(PARKED);
        // To find out if a notice is already stored.
        self.read(WEBHOOKS);
        self.queue_mails();
        self.publish(["audit.*", "audit.act.*", PARKED_REQUESTS, REBUILD_REQUESTS, "webhook.*.*"]);
    }

    fn query(&mut self) {
        self.read(EVENTS);
        self.read_bucket(SESSIONS);
        self.read_bucket(PERSONS);
        self.read_bucket(INSTALLATION);
        self.read(PARKED);
        self.read(MAILS);
        self.read(AUDIT);
        self.read(AUDIT_ACTS);
    }

    fn project(&mut self) {
        self.read(EVENTS);
        self.read_bucket(PERSONS);
        self.consume(EVENTS, READ_MODELS);
        self.answer(REBUILD_REQUESTS);
    }

    fn run_sagas(&mut self) {
        self.append(&[
            "show",
            "venue",
            "screen",
            "screening",
            "booking",
            "payment",
            "wallet",
            "till",
            "invoices",
            "promotion",
        ]);
        self.consume(EVENTS, HOLD_EXPIRY);
        self.consume(EVENTS, PAYMENT);
        self.consume(EVENTS, REFUND);
        self.consume(EVENTS, CASCADE);
        self.consume(EVENTS, SCHEDULING);
        self.consume(EVENTS, NOTIFICATION);
        self.consume(MAILS, MAILING);
        self.consume(TIMERS, HOLD_EXPIRY_TIMERS);
        self.consume(TIMERS, consumers::PUBLICATION_TIMERS);
        self.consume(EVENTS, consumers::CARD_PAYMENT);
        self.consume(EVENTS, consumers::CARD_REFUND);
        self.consume(TIMERS, consumers::CARD_PAYMENT_TIMERS);
        self.consume(TIMERS, consumers::CARD_REFUND_TIMERS);
        self.consume(WEBHOOKS, consumers::WEBHOOKS);
        self.publish(["timer.armed.*.*", "timer.cancelled.*.*", "parked.*.*"]);
        self.read(PARKED);
        // To destroy keys.
        self.write_bucket(PERSONS);
        self.write_bucket(INSTALLATION);
        self.queue_mails();
        self.answer(PARKED_REQUESTS);
    }

    fn operate(&mut self) {
        self.api(["INFO", "STREAM.NAMES", "STREAM.LIST", "CONSUMER.NAMES.*", "CONSUMER.LIST.*"]);
        self.api(["CONSUMER.PAUSE.*.*"]);
        let snapshots = format!("KV_{SNAPSHOTS}");
        for stream in [EVENTS, TIMERS, PARKED, WEBHOOKS, MAILS, AUDIT, AUDIT_ACTS, &snapshots] {
            self.read(stream);
            self.api([format!("DIRECT.GET.{stream}.>")]);
        }
        self.publish([PARKED_REQUESTS, REBUILD_REQUESTS]);
        self.subscribe.push(ADVISORIES.to_owned());
    }

    fn answer(&mut self, requests: &'static str) {
        self.subscribe.push(requests.to_owned());
        self.answers.push(requests);
    }

    fn finish(mut self) -> Self {
        for list in [&mut self.publish, &mut self.subscribe] {
            list.sort();
            list.dedup();
        }
        self
    }
}

/// New nkey of a user.
#[derive(Clone)]
pub struct UserKey {
    /// Secret, for the user's seed file.
    pub seed: String,
    /// Public key, for the server's configuration.
    pub public: String,
}

impl std::fmt::Debug for UserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Generates a key.
///
/// # Panics
///
/// Never: a new key contains its seed.
#[must_use]
pub fn generate_user_key() -> UserKey {
    let key = KeyPair::new_user();
    UserKey { seed: key.seed().expect("a new key contains its seed"), public: key.public_key() }
}

/// Returns the public key of a seed.
#[must_use]
pub fn public_key(seed: &str) -> Option<String> {
    KeyPair::from_seed(seed.trim()).ok().map(|key| key.public_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_yields_its_public_key() {
        let key = generate_user_key();
        assert_eq!(public_key(&format!("{}\n", key.seed)), Some(key.public));
        assert_eq!(public_key("no seed"), None);
    }

    #[test]
    fn no_user_may_delete_or_purge_and_only_the_provisioner_may_create_update_copy_or_restore() {
        for user in NatsUser::ALL {
            for subject in user.permissions().publish {
                for call in ["DELETE", "PURGE", "$JS.API.>", "$JS.>"] {
                    assert!(!subject.contains(call), "{} may publish {subject}", user.name());
                }
                let writes = ["CREATE", "UPDATE", "RESTORE", "SNAPSHOT."];
                let writes = subject.starts_with("$JS.") && writes.iter().any(|call| subject.contains(call));
                assert!(!writes || user == NatsUser::Provision, "{} may publish {subject}", user.name());
            }
        }
    }
}
