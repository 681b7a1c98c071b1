//! Definitions of all streams and buckets. The provisioning user creates them, services check them.

use std::time::Duration;

use async_nats::jetstream::{
    ErrorCode, consumer,
    stream::{self, DiscardPolicy, RetentionPolicy, StorageType},
};
use futures_util::future::try_join_all;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::json;

use crate::{
    failure::{ApiError, Failure},
    kv::sessions::LIFE_MAX,
    server::{
        connection::Connection,
        durables::{durable_is_as_wanted, durables},
    },
    subjects::{
        ALL_EVENTS, AUDIT, AUDIT_ACTS, EVENTS, INSTALLATION, MAILS, PARKED, PERSONS, REQUESTS, SESSIONS,
        SNAPSHOTS, TIMERS, WEBHOOKS,
    },
};

/// Time the server remembers message ids: longer than a commit is retried. Correctness does not depend on it.
const DEDUPLICATION: Duration = Duration::from_secs(10);

/// Time after which settled mails leave `MAILS`: far beyond the time in which an event can cause its mail again.
const MAILS_LIFE: Duration = Duration::from_hours(400 * 24);
/// Entries per user that are kept, some 20 MB.
const AUDIT_ENTRIES_MAX: i64 = 50_000;
/// Time after which entries leave `AUDIT`: over a year, so that a yearly review sees all of it.
const AUDIT_LIFE: Duration = Duration::from_hours(400 * 24);
/// Time that the notices of the provider are kept, to recognise repeats.
const WEBHOOKS_LIFE: Duration = Duration::from_hours(30 * 24);
/// Size of the bucket `INSTALLATION`, far more than its one value.
const INSTALLATION_BYTES: u64 = 64 << 10;
/// Time after which a request leaves the bucket `REQUESTS`: the longest that any waits for its proof.
const REQUESTS_LIFE: Duration = Duration::from_hours(24);
/// Time after which a snapshot that was not replaced is removed. Those of screenings that are over are never replaced; an
/// aggregate still in use is read from the log once and saved again.
const SNAPSHOTS_LIFE: Duration = Duration::from_hours(30 * 24);

/// Settings an installation may choose. The server reserves the space of all streams: their sum must be below the size of
/// the disk.
#[derive(Debug, Clone)]
pub struct TopologySettings {
    /// Replicas of every stream: 1 on one machine, 3 in a cluster.
    pub replicas: usize,
    /// Size in bytes at which `EVENTS` refuses commits.
    pub events_bytes_max: u64,
    /// Size in bytes at which `MAILS` refuses mails.
    pub mails_bytes_max: u64,
    /// Time after which a mail leaves `MAILS`.
    pub mails_life: Duration,
    /// Size in bytes at which `WEBHOOKS` refuses notices; the provider delivers them again.
    pub webhooks_bytes_max: u64,
    /// Time for which a notice is kept, to recognise its repeats.
    pub webhooks_life: Duration,
    /// Size in bytes at which `TIMERS` drops its oldest timers.
    pub timers_bytes_max: u64,
    /// Size in bytes at which `PARKED` refuses messages; they are retried instead of parked.
    pub parked_bytes_max: u64,
    /// Size in bytes at which the bucket `SNAPSHOTS` refuses snapshots.
    pub snapshots_bytes_max: u64,
    /// Time after which a snapshot leaves `SNAPSHOTS`.
    pub snapshots_life: Duration,
    /// Size in bytes at which the bucket `SESSIONS` refuses sessions.
    pub sessions_bytes_max: u64,
    /// Size in bytes at which the bucket `REQUESTS` drops its oldest requests.
    pub requests_bytes_max: u64,
    /// Size in bytes at which the bucket `PERSONS` refuses keys, and so new accounts.
    pub persons_bytes_max: u64,
    /// Size in bytes at which `AUDIT` drops its oldest entries.
    pub audit_bytes_max: u64,
    /// Size in bytes at which `AUDIT_ACTS` drops its oldest entries.
    pub audit_acts_bytes_max: u64,
    /// Time after which an entry leaves `AUDIT` or `AUDIT_ACTS`.
    pub audit_life: Duration,
}

impl Default for TopologySettings {
    fn default() -> Self {
        Self {
            replicas: 1,
            events_bytes_max: 8 << 30,
            mails_bytes_max: 2 << 30,
            mails_life: MAILS_LIFE,
            webhooks_bytes_max: 512 << 20,
            webhooks_life: WEBHOOKS_LIFE,
            timers_bytes_max: 256 << 20,
            parked_bytes_max: 256 << 20,
            snapshots_bytes_max: 1 << 30,
            snapshots_life: SNAPSHOTS_LIFE,
            sessions_bytes_max: 256 << 20,
            requests_bytes_max: 64 << 20,
            persons_bytes_max: 512 << 20,
            audit_bytes_max: 256 << 20,
            audit_acts_bytes_max: 256 << 20,
            audit_life: AUDIT_LIFE,
        }
    }
}

/// Fault of the server, its streams, buckets or consumers.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The server does not answer. Worth retrying.
    #[error("the server does not answer")]
    Away(#[from] Failure),
    /// A stream, bucket or consumer is missing.
    #[error("{0} is missing; `ticketshow admin topology` creates it")]
    Missing(String),
    /// A stream, bucket or consumer has a wrong configuration.
    #[error("{0} has a wrong configuration; `ticketshow admin topology` corrects it")]
    Different(String),
    /// The new limit of a stream is below its size.
    #[error("{name} holds {bytes} bytes, more than its new limit of {bytes_max}")]
    TooSmall {
        /// Name of the stream.
        name: String,
        /// Bytes it holds.
        bytes: u64,
        /// The limit that was refused.
        bytes_max: i64,
    },
    /// The server refused to create or update it.
    #[error("the server refused {name}: {description} ({code})")]
    Refused {
        /// Name of the stream, bucket or consumer.
        name: String,
        /// JetStream's error code.
        code: u64,
        /// The server's description.
        description: String,
    },
    /// The server is too old.
    #[error("nats-server {found} is older than {wanted}")]
    OldServer {
        /// Version of the server.
        found: String,
        /// Oldest supported version.
        wanted: &'static str,
    },
    /// The server acknowledges messages before they are on disk.
    #[error(
        "the nats-server at {0} lacks `sync_interval: always`: a power cut would lose acknowledged bookings"
    )]
    NotDurable(String),
}

/// Creates missing streams, buckets and consumers and updates the others. Running services notice a raised limit at once.
/// A limit below the size of a stream is refused, because the stream would be full or drop its oldest messages. Only the
/// provisioning user may do this.
///
/// # Errors
///
/// [`TopologyError`].
pub async fn provision(connection: &Connection, settings: &TopologySettings) -> Result<(), TopologyError> {
    for wanted in streams(settings) {
        match connection.stream_config(&wanted.name).await? {
            None => connection.write_stream("CREATE", &wanted).await?,
            Some((found, _)) if is_as_wanted(&found, &wanted) && is_as_large_as(&found, &wanted) => {}
            Some((_, bytes)) => {
                let bytes_max = wanted.max_bytes;
                if i64::try_from(bytes).is_ok_and(|bytes| bytes > bytes_max) {
                    return Err(TopologyError::TooSmall { name: wanted.name, bytes, bytes_max });
                }
                connection.write_stream("UPDATE", &wanted).await?;
            }
        }
    }
    for (stream, wanted) in durables() {
        connection.write_consumer(stream, wanted).await?;
    }
    Ok(())
}

impl Connection {
    /// Checks that everything exists with the right configuration, except for the settings an installation may choose.
    ///
    /// # Errors
    ///
    /// [`TopologyError`].
    pub async fn check_topology(&self) -> Result<(), TopologyError> {
        for wanted in streams(&TopologySettings::default()) {
            match self.stream_config(&wanted.name).await? {
                // Added in a later version: until it is provisioned, the process log alone has the entries.
                None if wanted.name == AUDIT => {}
                // The same: until it is provisioned, `AUDIT` has all entries.
                None if wanted.name == AUDIT_ACTS => {}
                // The same: until it is provisioned, requests are in the bucket of the sessions.
                None if wanted.name == format!("KV_{REQUESTS}") => {}
                // The same: until it is provisioned, secrets are not compared.
                None if wanted.name == format!("KV_{INSTALLATION}") => {}
                None => return Err(TopologyError::Missing(wanted.name)),
                Some((found, _)) if is_as_wanted(&found, &wanted) => {}
                Some(_) => return Err(TopologyError::Different(wanted.name)),
            }
        }
        for (stream, wanted) in durables() {
            let name = wanted.durable_name.clone().unwrap_or_default();
            match self.durable_config(stream, &name).await? {
                None => return Err(TopologyError::Missing(name)),
                Some(found) if durable_is_as_wanted(&found, &wanted) => {}
                Some(_) => return Err(TopologyError::Different(name)),
            }
        }
        Ok(())
    }

    /// Returns the names of durable consumers that do not exist: what they would deliver waits.
    ///
    /// # Errors
    ///
    /// [`TopologyError`] if NATS does not answer.
    pub async fn missing_consumers(&self) -> Result<Vec<String>, TopologyError> {
        let found = durables().into_iter().map(async |(stream, wanted)| {
            let name = wanted.durable_name.unwrap_or_default();
            let is_missing = self.durable_config(stream, &name).await?.is_none();
            Ok::<_, TopologyError>(is_missing.then_some(name))
        });
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// Returns `true` if a stream exists: one that a later version added may not be provisioned yet.
    pub(crate) async fn has_stream(&self, name: &str) -> Result<bool, Failure> {
        let (doing, call) = ("inspecting a stream", format!("STREAM.INFO.{name}"));
        match self.ask::<IgnoredAny>(doing, &call, &json!({})).await? {
            Ok(_) => Ok(true),
            Err(error) if error.err_code == ErrorCode::STREAM_NOT_FOUND.0 => Ok(false),
            Err(error) => Err(Failure::rejected(doing, error)),
        }
    }

    /// Returns the configuration of a stream and the bytes it holds.
    async fn stream_config(&self, name: &str) -> Result<Option<(stream::Config, u64)>, TopologyError> {
        #[derive(Deserialize)]
        struct Info {
            config: stream::Config,
            state: State,
        }
        #[derive(Deserialize)]
        struct State {
            bytes: u64,
        }
        let info = self.request_info(&format!("STREAM.INFO.{name}"), ErrorCode::STREAM_NOT_FOUND).await?;
        Ok(info.map(|Info { config, state }| (config, state.bytes)))
    }

    async fn durable_config(
        &self,
        stream: &str,
        name: &str,
    ) -> Result<Option<consumer::Config>, TopologyError> {
        #[derive(Deserialize)]
        struct Info {
            config: consumer::Config,
        }
        let subject = format!("CONSUMER.INFO.{stream}.{name}");
        let info = self.request_info(&subject, ErrorCode::CONSUMER_NOT_FOUND).await?;
        Ok(info.map(|Info { config }| config))
    }

    async fn request_info<T: DeserializeOwned>(
        &self,
        subject: &str,
        absent: ErrorCode,
    ) -> Result<Option<T>, TopologyError> {
        match self.ask("inspecting the topology", subject, &json!({})).await? {
            Ok(info) => Ok(Some(info)),
            Err(error) if error.err_code == absent.0 => Ok(None),
            Err(error) => Err(refused(subject)(error)),
        }
    }

    async fn write_stream(&self, verb: &str, wanted: &stream::Config) -> Result<(), TopologyError> {
        let subject = format!("STREAM.{verb}.{}", wanted.name);
        let written = self.ask::<IgnoredAny>("writing a stream", &subject, wanted).await?;
        written.map(drop).map_err(refused(&wanted.name))
    }

    async fn write_consumer(&self, stream: &str, wanted: consumer::Config) -> Result<(), TopologyError> {
        let name = wanted.durable_name.clone().unwrap_or_default();
        let subject = format!("CONSUMER.CREATE.{stream}.{name}");
        let request = json!({ "stream_name": stream, "config": wanted, "action": "" });
        let written = self.ask::<IgnoredAny>("writing a consumer", &subject, &request).await?;
        written.map(drop).map_err(refused(&name))
    }
}

fn refused(name: &str) -> impl FnOnce(ApiError) -> TopologyError {
    let name = name.to_owned();
    move |ApiError { err_code, description }| TopologyError::Refused { name, code: err_code, description }
}

/// All streams, including the buckets.
fn streams(settings: &TopologySettings) -> Vec<stream::Config> {
    let common = |bytes_max: u64| stream::Config {
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: settings.replicas,
        duplicate_window: DEDUPLICATION,
        allow_direct: true,
        deny_delete: true,
        max_bytes: bytes_max.try_into().unwrap_or(i64::MAX),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        ..stream::Config::default()
    };
    let limited = |bytes_max, max_age| stream::Config {
        max_age,
        // The server refuses a longer window.
        duplicate_window: if max_age.is_zero() { DEDUPLICATION } else { DEDUPLICATION.min(max_age) },
        ..common(bytes_max)
    };
    let bucket = |name: &str, description: &str, bytes_max, max_age| stream::Config {
        name: format!("KV_{name}"),
        description: Some(description.to_owned()),
        subjects: vec![format!("$KV.{name}.>")],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        allow_message_ttl: true,
        allow_rollup: true,
        ..limited(bytes_max, max_age)
    };
    let snapshots = "Snapshots of long histories";
    let installation = "Mark of the installation: a fingerprint of its secret";
    let requests = "Requests that wait for a proof: registrations, mailed codes, second factors";
    let persons = "Keys of persons, wrapped: losing them erases everybody";
    let sessions = "Signed-in sessions: hashes of refresh tokens";
    vec![
        events(common(settings.events_bytes_max)),
        timers(common(settings.timers_bytes_max)),
        parked(common(settings.parked_bytes_max)),
        webhooks(limited(settings.webhooks_bytes_max, settings.webhooks_life)),
        mails(limited(settings.mails_bytes_max, settings.mails_life)),
        audit(limited(settings.audit_bytes_max, settings.audit_life)),
        audit_acts(limited(settings.audit_acts_bytes_max, settings.audit_life)),
        bucket(SNAPSHOTS, snapshots, settings.snapshots_bytes_max, settings.snapshots_life),
        bucket(SESSIONS, sessions, settings.sessions_bytes_max, LIFE_MAX),
        stream::Config {
            // A flood of registrations drops the oldest requests; a full bucket would stop all new ones for a day.
            discard: DiscardPolicy::Old,
            ..bucket(REQUESTS, requests, settings.requests_bytes_max, REQUESTS_LIFE)
        },
        bucket(PERSONS, persons, settings.persons_bytes_max, Duration::ZERO),
        bucket(INSTALLATION, installation, INSTALLATION_BYTES, Duration::ZERO),
    ]
}

/// Names of all streams, including the buckets.
pub(crate) fn stream_names() -> impl Iterator<Item = String> {
    streams(&TopologySettings::default()).into_iter().map(|stream| stream.name)
}

fn events(common: stream::Config) -> stream::Config {
    stream::Config {
        name: EVENTS.to_owned(),
        description: Some("All events: the only source of truth".to_owned()),
        subjects: vec![ALL_EVENTS.to_owned()],
        discard: DiscardPolicy::New,
        deny_purge: true,
        allow_atomic_publish: true,
        ..common
    }
}

/// Stream of timers. The server does not allow schedules together with `deny_purge` and discarding new messages.
fn timers(common: stream::Config) -> stream::Config {
    stream::Config {
        name: TIMERS.to_owned(),
        description: Some("Timers: armed, and fired ones for <kind>-timers".to_owned()),
        subjects: vec!["timer.>".to_owned()],
        max_messages_per_subject: 1,
        allow_message_schedules: true,
        allow_message_ttl: true,
        allow_rollup: true,
        ..common
    }
}

fn parked(common: stream::Config) -> stream::Config {
    stream::Config {
        name: PARKED.to_owned(),
        description: Some("Parked messages: parked.<consumer>.<position>".to_owned()),
        subjects: vec!["parked.>".to_owned()],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        allow_message_ttl: true,
        deny_purge: true,
        ..common
    }
}

fn mails(common: stream::Config) -> stream::Config {
    stream::Config {
        name: MAILS.to_owned(),
        description: Some("Mails: mail.<user>.<booking, or account>.<mail>".to_owned()),
        subjects: vec!["mail.>".to_owned()],
        discard: DiscardPolicy::New,
        deny_purge: true,
        allow_atomic_publish: true,
        ..common
    }
}

/// Stream of the security log. When it is full it drops the oldest entries, because recent ones matter more. Callers
/// who are not signed in share one subject, so that their failures push out no acts of others.
fn audit(common: stream::Config) -> stream::Config {
    stream::Config {
        name: AUDIT.to_owned(),
        description: Some("Security log: audit.<user>, or audit.nobody".to_owned()),
        subjects: vec!["audit.*".to_owned()],
        max_messages_per_subject: AUDIT_ENTRIES_MAX,
        deny_purge: true,
        ..common
    }
}

/// Stream of acts. Not limited per user, because each act changed something, and no act may push out another one of
/// the same person.
fn audit_acts(common: stream::Config) -> stream::Config {
    stream::Config {
        name: AUDIT_ACTS.to_owned(),
        description: Some("Security log, acts of staff and administrators: audit.act.<user>".to_owned()),
        subjects: vec!["audit.act.*".to_owned()],
        deny_purge: true,
        ..common
    }
}

/// Stream of notices. Keeps the first message per subject, so a repeated notice within 30 days is not stored again.
fn webhooks(common: stream::Config) -> stream::Config {
    stream::Config {
        name: WEBHOOKS.to_owned(),
        description: Some("Notices of the payment provider: webhook.<provider>.<id>".to_owned()),
        subjects: vec!["webhook.*.*".to_owned()],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        deny_purge: true,
        ..common
    }
}

/// Compares the settings that matter for correctness. An installation may choose sizes, lives and replicas, but a stream
/// that keeps its messages for good must not lose them to a limit of time.
fn is_as_wanted(found: &stream::Config, wanted: &stream::Config) -> bool {
    let essence = |config: &stream::Config| {
        let policies = (config.retention, config.storage, config.discard);
        let limits = (config.max_messages, config.max_messages_per_subject);
        let flags = [
            config.deny_delete,
            config.deny_purge,
            config.allow_direct,
            config.allow_rollup,
            config.allow_message_schedules,
            config.discard_new_per_subject,
            config.sealed,
            config.no_ack,
            config.sources.is_some() || config.mirror.is_some() || config.republish.is_some(),
            config.subject_transform.is_some(),
        ];
        (config.subjects.clone(), policies, limits, flags)
    };
    let keeps_long_enough = found.max_age.is_zero() || !wanted.max_age.is_zero();
    // Buckets of an older version have no message TTL and work without it.
    let has_message_ttl =
        found.allow_message_ttl || !wanted.allow_message_ttl || wanted.name.starts_with("KV_");
    essence(found) == essence(wanted) && keeps_long_enough && has_message_ttl
}

/// Compares the settings without which a service works, though not as well: sizes, and batches of commits.
fn is_as_large_as(found: &stream::Config, wanted: &stream::Config) -> bool {
    let size = |config: &stream::Config| {
        let limits = (config.max_bytes, config.max_age, config.num_replicas, config.duplicate_window);
        (limits, config.allow_message_ttl, config.allow_atomic_publish, config.description.clone())
    };
    size(found) == size(wanted)
}
