//! Reading the log: an aggregate's history, a stretch of everything, or everything from now on.

use std::time::Duration;

use async_nats::{
    HeaderMap, Message, StatusCode,
    header::NATS_SEQUENCE,
    jetstream::{
        consumer::{DeliverPolicy, pull::OrderedConfig},
        stream::Stream as EventStream,
    },
};
use base64::Engine;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Commit, Connection, Failure,
    envelope::EnvelopeError,
    failure::ApiError,
    subjects::{self, ALL_EVENTS, EVENTS},
};

/// Commits fetched by one request for the history of an aggregate.
const PAGE: usize = 256;
/// How long a page may take to begin, and to go on.
const PATIENCE: Duration = Duration::from_secs(5);
const NO_MESSAGE_FOUND: u64 = 10_037;

/// The log of one connection, as readers see it.
#[derive(Debug, Clone)]
pub struct Log {
    connection: Connection,
}

impl Log {
    /// The log of a connection.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Position of the last commit; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be asked.
    pub async fn last_position(&self) -> Result<u64, Failure> {
        let stream = self.stream().await?;
        let info = stream
            .get_info()
            .await
            .map_err(|source| Failure::away("asking for the end of the log")(source.into()))?;
        Ok(info.state.last_sequence)
    }

    /// Bytes that the log takes on disk.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be asked.
    pub async fn bytes(&self) -> Result<u64, Failure> {
        let stream = self.stream().await?;
        let info = stream
            .get_info()
            .await
            .map_err(|source| Failure::away("asking for the size of the log")(source.into()))?;
        Ok(info.state.bytes)
    }

    /// All commits of one aggregate. On a cluster the last ones may be missing for a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn history(&self, aggregate: &str, id: &str) -> Result<Vec<Commit>, Failure> {
        self.commits(&subjects::aggregate(aggregate, id), 0).await
    }

    /// The commit at a position, if there is one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        let doing = "reading one commit";
        let payload = json!({ "seq": position }).to_string();
        let message = self
            .connection
            .client()
            .request(format!("$JS.API.DIRECT.GET.{EVENTS}"), payload.into())
            .await
            .map_err(Failure::request(doing))?;
        direct(message, doing)
    }

    /// Every commit after one position up to another, in order, as fast as the server sends.
    pub fn read(&self, after: u64, up_to: u64) -> impl Stream<Item = Result<Commit, Failure>> + Send + use<> {
        let log = self.clone();
        let commits = stream::once(async move {
            if after >= up_to {
                return stream::empty().boxed();
            }
            match log.tail(after, &[ALL_EVENTS]).await {
                Ok(commits) => commits.boxed(),
                Err(failure) => stream::once(std::future::ready(Err(failure))).boxed(),
            }
        })
        .flatten();
        until(commits, up_to)
    }

    /// Every commit after a position whose subject fits one of `filters`, without an end. Heals itself after
    /// reconnects, without gaps and without repeats.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if the consumer cannot be made; within the stream, [`Failure::Unreadable`].
    pub async fn tail(
        &self,
        after: u64,
        filters: &[&str],
    ) -> Result<impl Stream<Item = Result<Commit, Failure>> + Send + use<>, Failure> {
        let doing = "following the log";
        let config = OrderedConfig {
            filter_subjects: filters.iter().map(|&filter| filter.to_owned()).collect(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            description: Some(format!("{} reads along", self.connection.name())),
            ..OrderedConfig::default()
        };
        let consumer = self
            .stream()
            .await?
            .create_consumer(config)
            .await
            .map_err(|source| Failure::away(doing)(source.into()))?;
        let messages = consumer.messages().await.map_err(|source| Failure::away(doing)(source.into()))?;
        Ok(messages.filter_map(move |message| {
            std::future::ready(match message {
                Ok(message) => Some(match message.info() {
                    Ok(info) => parse(info.stream_sequence, message.payload.clone()),
                    Err(source) => Err(Failure::away(doing)(source)),
                }),
                // The consumer makes itself anew and goes on where it was.
                Err(error) => {
                    tracing::debug!(%error, "following the log: mended");
                    None
                }
            })
        }))
    }

    /// The last commit of a subject, if there is one.
    pub(crate) async fn last_commit(&self, subject: &str) -> Result<Option<Commit>, Failure> {
        let doing = "reading the last commit of an aggregate";
        let message = self
            .connection
            .client()
            .request(format!("$JS.API.DIRECT.GET.{EVENTS}.{subject}"), Bytes::new())
            .await
            .map_err(Failure::request(doing))?;
        direct(message, doing)
    }

    /// All commits of a subject after a position, in order.
    pub(crate) async fn commits(&self, subject: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        let mut commits: Vec<Commit> = Vec::new();
        loop {
            let next = commits.last().map_or(after, |commit| commit.position) + 1;
            let before = commits.len();
            let pending = self.page(subject, next, &mut commits).await?;
            if pending == 0 || commits.len() == before {
                return Ok(commits);
            }
        }
    }

    /// Adds one page of commits; gives back how many are left.
    async fn page(&self, subject: &str, next: u64, commits: &mut Vec<Commit>) -> Result<u64, Failure> {
        const PENDING: &str = "Nats-Num-Pending";
        let doing = "reading the history of an aggregate";
        let client = self.connection.client();
        let inbox = client.new_inbox();
        let mut answers =
            client.subscribe(inbox.clone()).await.map_err(|source| Failure::away(doing)(source.into()))?;
        let ask = json!({ "seq": next, "next_by_subj": subject, "batch": PAGE }).to_string();
        client
            .publish_with_reply(format!("$JS.API.DIRECT.GET.{EVENTS}"), inbox, ask.into())
            .await
            .map_err(|source| Failure::away(doing)(source.into()))?;
        loop {
            let answer = tokio::time::timeout(PATIENCE, answers.next())
                .await
                .map_err(|source| Failure::away(doing)(source.into()))?
                .ok_or(Failure::Stopping)?;
            match answer.status {
                // End of the batch.
                Some(status) if status.as_u16() == 204 => {
                    return Ok(number(answer.headers.as_ref(), PENDING).unwrap_or(0));
                }
                Some(StatusCode::NOT_FOUND) => return Ok(0),
                Some(_) | None => commits.extend(direct(answer, doing)?),
            }
        }
    }

    /// As [`Log::commits`], but from the leader: nothing that was acknowledged is missing. Meant for a few commits.
    pub(crate) async fn commits_from_leader(
        &self,
        subject: &str,
        after: u64,
    ) -> Result<Vec<Commit>, Failure> {
        let mut commits = Vec::new();
        let mut next = after + 1;
        while let Some(commit) = self.next_from_leader(subject, next).await? {
            next = commit.position + 1;
            commits.push(commit);
        }
        Ok(commits)
    }

    async fn next_from_leader(&self, subject: &str, next: u64) -> Result<Option<Commit>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            message: Option<Raw>,
            error: Option<ApiError>,
        }
        #[derive(Deserialize)]
        struct Raw {
            seq: u64,
            data: String,
        }
        let doing = "reading an aggregate from the leader";
        let ask = json!({ "seq": next, "next_by_subj": subject }).to_string();
        let message = self
            .connection
            .client()
            .request(format!("$JS.API.STREAM.MSG.GET.{EVENTS}"), ask.into())
            .await
            .map_err(Failure::request(doing))?;
        let answer: Answer =
            serde_json::from_slice(&message.payload).map_err(|source| Failure::away(doing)(source.into()))?;
        match (answer.message, answer.error) {
            (Some(raw), _) => {
                let payload = base64::engine::general_purpose::STANDARD
                    .decode(raw.data)
                    .map_err(|source| Failure::away(doing)(source.into()))?;
                parse(raw.seq, payload.into()).map(Some)
            }
            (None, Some(error)) if error.err_code != NO_MESSAGE_FOUND => {
                Err(Failure::Rejected { doing, code: error.err_code, description: error.description })
            }
            (None, _) => Ok(None),
        }
    }

    async fn stream(&self) -> Result<EventStream<()>, Failure> {
        self.connection
            .context()
            .get_stream_no_info(EVENTS)
            .await
            .map_err(|source| Failure::away("naming the log")(source.into()))
    }
}

fn parse(position: u64, payload: Bytes) -> Result<Commit, Failure> {
    Commit::parse(position, payload).map_err(|error: EnvelopeError| error.into())
}

fn number(headers: Option<&HeaderMap>, name: &str) -> Option<u64> {
    headers?.get(name)?.as_str().parse().ok()
}

/// The commit in the answer to a direct get.
fn direct(message: Message, doing: &'static str) -> Result<Option<Commit>, Failure> {
    match message.status {
        Some(StatusCode::NOT_FOUND) => Ok(None),
        Some(status) => {
            let description = message.description.unwrap_or_default();
            Err(Failure::Rejected { doing, code: status.as_u16().into(), description })
        }
        None => {
            let position = number(message.headers.as_ref(), NATS_SEQUENCE.as_ref())
                .ok_or_else(|| Failure::away(doing)("the answer has no sequence".into()))?;
            parse(position, message.payload).map(Some)
        }
    }
}

/// Ends a stream of commits after the one at `up_to`.
fn until(
    commits: impl Stream<Item = Result<Commit, Failure>> + Send,
    up_to: u64,
) -> impl Stream<Item = Result<Commit, Failure>> + Send {
    commits.scan(false, move |over, commit| {
        let item = if *over { None } else { Some(commit) };
        *over = match &item {
            Some(Ok(commit)) => commit.position >= up_to,
            Some(Err(_)) => true,
            None => *over,
        };
        std::future::ready(item)
    })
}
