//! JetStream requests that the client library does not offer: publishing with the same bytes on every attempt, batched
//! reads, and reads by subject from the leader.

use std::{collections::HashMap, time::Duration};

use async_nats::{
    HeaderMap, Message, StatusCode, client::Request, header::NATS_SEQUENCE, jetstream::ErrorCode,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    clock,
    failure::{ApiError, Failure, is_temporary},
    server::connection::Connection,
    subjects::EVENTS,
};

/// Longest wait for an answer, over all attempts.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait of one attempt to read. The next one uses another link if the first was lost.
const TRY: Duration = Duration::from_secs(1);
/// Pause before a failed request is repeated.
const PAUSE: Duration = Duration::from_millis(50);

/// Largest page, in bytes. It bounds the memory of a reader.
const PAGE_BYTES: usize = 8 << 20;
/// Header of each answer of a page: the sequence of the answer before it, 0 for the first.
const LAST_SEQUENCE: &str = "Nats-Last-Sequence";

/// A message of a stream, as stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub sequence: u64,
    pub subject: String,
    pub payload: Bytes,
}

/// A message to be stored in a stream.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub subject: String,
    pub headers: HeaderMap,
    pub payload: Bytes,
}

/// Reason a publish returned no sequence.
#[derive(Debug)]
pub(crate) enum PublishError {
    /// Refused by the server and not stored.
    Refused(ApiError),
    /// Stored or not; there was no answer.
    Unanswered(Failure),
}

/// The server's reply to a publish.
#[derive(Deserialize)]
struct PublishReply {
    #[serde(default)]
    seq: u64,
    error: Option<ApiError>,
}

impl Connection {
    /// Stores a message and returns its sequence.
    pub(crate) async fn publish(
        &self,
        doing: &'static str,
        subject: &str,
        headers: HeaderMap,
        payload: Bytes,
        patience: Duration,
    ) -> Result<u64, PublishError> {
        let unanswered = PublishError::Unanswered;
        let request = Request::new().payload(payload).headers(headers);
        let answer = self.request(doing, subject.to_owned(), request, patience).await.map_err(unanswered)?;
        let reply: PublishReply = serde_json::from_slice(&answer.payload)
            .map_err(|error| unanswered(Failure::unreachable(doing, error)))?;
        match reply.error {
            None => Ok(reply.seq),
            Some(error) => Err(PublishError::Refused(error)),
        }
    }

    /// Stores messages of one stream together, or none of them, and returns the sequence of the last; the others precede it
    /// without a gap. At least one message, at most 1,000.
    pub(crate) async fn publish_batch(
        &self,
        doing: &'static str,
        mut messages: Vec<Publication>,
        patience: Duration,
    ) -> Result<u64, PublishError> {
        const ID: &str = "Nats-Batch-Id";
        const SEQUENCE: &str = "Nats-Batch-Sequence";
        const COMMIT: &str = "Nats-Batch-Commit";
        let id = clock::new_id().simple().to_string();
        for (message, sequence) in messages.iter_mut().zip(1_u32..) {
            message.headers.insert(ID, id.as_str());
            message.headers.insert(SEQUENCE, sequence.to_string());
        }
        let last = messages.pop().expect("a batch has at least one message");
        let Publication { subject, mut headers, payload } = last;
        headers.insert(COMMIT, "1");
        let staged = async {
            for Publication { subject, headers, payload } in messages {
                self.client().publish_with_headers(subject, headers, payload).await?;
            }
            Ok::<_, async_nats::PublishError>(())
        };
        // Nothing is stored before the last message.
        self.call(doing, patience, staged).await.map_err(PublishError::Unanswered)?;
        self.publish(doing, &subject, headers, payload, patience).await
    }

    /// Sends a request and waits for the answer, for `patience` in all.
    pub(crate) async fn request(
        &self,
        doing: &'static str,
        subject: String,
        request: Request,
        patience: Duration,
    ) -> Result<Message, Failure> {
        let request = request.timeout(Some(patience));
        self.call(doing, patience, self.client().send_request(subject, request)).await
    }

    /// Sends a request to the JetStream API and parses the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        subject: &str,
        question: &impl Serialize,
    ) -> Result<Result<T, ApiError>, Failure> {
        let question = serde_json::to_vec(question).map_err(|error| Failure::unreachable(doing, error))?;
        let answer = self.answer(doing, format!("$JS.API.{subject}"), question.into(), PATIENCE).await?;
        read_answer(doing, &answer)
    }

    /// Repeats a request until it is answered, for up to five seconds or until the link is lost. Each attempt waits for
    /// `each`.
    async fn answer(
        &self,
        doing: &'static str,
        subject: String,
        question: Bytes,
        each: Duration,
    ) -> Result<Message, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = Request::new().payload(question.clone());
            match self.request(doing, subject.clone(), request, each).await {
                Ok(answer) => return Ok(answer),
                Err(failure) if self.is_lost() || Instant::now() >= deadline => return Err(failure),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Reads one message from the leader of a stream, which has all acknowledged ones. `query` is `last_by_subj`, or `seq`
    /// with or without `next_by_subj`.
    pub(crate) async fn ask_leader(
        &self,
        doing: &'static str,
        stream: &str,
        query: &Value,
    ) -> Result<Option<Stored>, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            message: Raw,
        }
        #[derive(Deserialize)]
        struct Raw {
            seq: u64,
            subject: String,
            #[serde(default)]
            data: String,
        }
        let subject = format!("$JS.API.STREAM.MSG.GET.{stream}");
        let answer = self.answer(doing, subject, query.to_string().into(), TRY).await?;
        match read_answer(doing, &answer)? {
            Ok(Answer { message: Raw { seq, subject, data } }) => {
                let payload = BASE64.decode(data).map_err(|error| Failure::unreachable(doing, error))?;
                Ok(Some(Stored { sequence: seq, subject, payload: payload.into() }))
            }
            Err(error) if error.err_code == ErrorCode::NO_MESSAGE_FOUND.0 => Ok(None),
            Err(error) => Err(Failure::rejected(doing, error)),
        }
    }

    /// Reads one message from any replica. In a cluster the last ones may be missing for a moment. If that replica does not answer,
    /// the leader is asked: one that hangs would get its share of the repeats as well.
    pub(crate) async fn ask_any_replica(
        &self,
        doing: &'static str,
        stream: &str,
        query: &Value,
    ) -> Result<Option<Stored>, Failure> {
        let request = Request::new().payload(query.to_string().into());
        let answer = match self.request(doing, format!("$JS.API.DIRECT.GET.{stream}"), request, TRY).await {
            Ok(answer) => answer,
            Err(failure) if self.is_lost() => return Err(failure),
            Err(_) => return self.ask_leader(doing, stream, query).await,
        };
        match stored(answer, doing)? {
            Direct::Stored(stored) => Ok(Some(stored)),
            Direct::Nothing | Direct::End { .. } => Ok(None),
        }
    }

    /// Returns the answer of any replica as it came.
    pub(super) async fn answer_of_any_replica(
        &self,
        doing: &'static str,
        stream: &str,
        query: &Value,
    ) -> Result<Message, Failure> {
        let subject = format!("$JS.API.DIRECT.GET.{stream}");
        self.answer(doing, subject, query.to_string().into(), TRY).await
    }

    /// Reads up to `max` messages that match `subject` from sequence `from` on, and the number left, from any replica.
    /// Repeated until it succeeds, for up to five seconds or until the link is lost.
    pub(crate) async fn page(
        &self,
        doing: &'static str,
        stream: &str,
        subject: &str,
        from: u64,
        max: usize,
    ) -> Result<(Vec<Stored>, u64), Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_page(doing, stream, subject, from, max).await {
                Err(Failure::Unreachable { .. }) if !self.is_lost() && Instant::now() < deadline => {
                    tokio::time::sleep(PAUSE).await;
                }
                page => return page,
            }
        }
    }

    async fn try_page(
        &self,
        doing: &'static str,
        stream: &str,
        subject: &str,
        from: u64,
        max: usize,
    ) -> Result<(Vec<Stored>, u64), Failure> {
        let client = self.client();
        let inbox = client.new_inbox();
        let mut answers = self.call(doing, TRY, client.subscribe(inbox.clone())).await?;
        let query = json!({ "seq": from, "next_by_subj": subject, "batch": max, "max_bytes": PAGE_BYTES });
        let asked = client.publish_with_reply(
            format!("$JS.API.DIRECT.GET.{stream}"),
            inbox,
            query.to_string().into(),
        );
        self.call(doing, TRY, asked).await?;
        let mut page: Vec<Stored> = Vec::new();
        loop {
            let answer = tokio::time::timeout(TRY, answers.next())
                .await
                .map_err(|error| Failure::unreachable(doing, error))?
                .ok_or(Failure::Stopping)?;
            // Each answer names the one before it. A connection that broke meanwhile may have lost some.
            let previous = page.last().map_or(0, |stored| stored.sequence);
            if header(&answer, LAST_SEQUENCE).is_some_and(|named| named != previous) {
                return Err(Failure::unreachable(doing, "messages of a page were lost"));
            }
            match stored(answer, doing)? {
                Direct::Stored(stored) if stored.sequence < from.max(previous + 1) => {
                    return Err(Failure::Backwards { from, sequence: stored.sequence });
                }
                Direct::Stored(stored) => page.push(stored),
                Direct::End { left } => return Ok((page, left)),
                Direct::Nothing => return Ok((page, 0)),
            }
        }
    }

    /// Reads all messages that match `subject` after a sequence from any replica, in order.
    pub(crate) async fn all_after(
        &self,
        doing: &'static str,
        stream: &str,
        subject: &str,
        after: u64,
    ) -> Result<Vec<Stored>, Failure> {
        /// Messages per request.
        const PAGE: usize = 256;
        let mut all: Vec<Stored> = Vec::new();
        loop {
            let next = all.last().map_or(after, |stored| stored.sequence) + 1;
            let (page, left) = self.page(doing, stream, subject, next, PAGE).await?;
            let over = left == 0 || page.is_empty();
            all.extend(page);
            if over {
                return Ok(all);
            }
        }
    }

    /// Reads all acknowledged messages that match `subject` after a sequence, in order. The end is read from the leader,
    /// one by one, everything before it in pages from any replica.
    ///
    /// If the stream keeps only the newest messages of a subject, older ones may be among them, from a replica that lags.
    pub(crate) async fn all_acknowledged_after(
        &self,
        doing: &'static str,
        stream: &str,
        subject: &str,
        after: u64,
    ) -> Result<Vec<Stored>, Failure> {
        /// Messages read from the leader before a page is tried. Most calls find at most one.
        const FEW: usize = 8;
        let mut all: Vec<Stored> = Vec::new();
        let last = |all: &[Stored]| all.last().map_or(after, |stored| stored.sequence);
        loop {
            for _ in 0..FEW {
                let query = json!({ "seq": last(&all) + 1, "next_by_subj": subject });
                match self.ask_leader(doing, stream, &query).await? {
                    Some(stored) => all.push(stored),
                    None => return Ok(all),
                }
            }
            all.extend(self.all_after(doing, stream, subject, last(&all)).await?);
        }
    }

    /// Reads the newest message of each subject that matches `filter` in the order in which they were written. None that was acknowledged
    /// is missing.
    pub(crate) async fn newest_of_each(
        &self,
        doing: &'static str,
        stream: &str,
        filter: &str,
    ) -> Result<Vec<Stored>, Failure> {
        let all = self.all_acknowledged_after(doing, stream, filter, 0).await?;
        let newest: HashMap<String, u64> =
            all.iter().map(|stored| (stored.subject.clone(), stored.sequence)).collect();
        let is_newest = |stored: &Stored| newest.get(&stored.subject) == Some(&stored.sequence);
        Ok(all.into_iter().filter(is_newest).collect())
    }
}

impl Connection {
    /// Checks that the log still holds the commit that was read at `position`.
    ///
    /// # Errors
    ///
    /// [`Failure::OtherLog`] if it holds another one there, or none.
    pub(crate) async fn expect_commit(&self, position: u64, payload: &Bytes) -> Result<(), Failure> {
        let query = json!({ "seq": position });
        let found = self.ask_leader("comparing the log with what was read", EVENTS, &query).await?;
        match found {
            Some(found) if found.payload == payload => Ok(()),
            Some(_) | None => Err(Failure::OtherLog),
        }
    }
}

fn read_answer<T: DeserializeOwned>(
    doing: &'static str,
    answer: &Message,
) -> Result<Result<T, ApiError>, Failure> {
    #[derive(Deserialize)]
    struct Head {
        error: Option<ApiError>,
    }
    let unreadable = |error| Failure::unreachable(doing, error);
    let Head { error } = serde_json::from_slice(&answer.payload).map_err(unreadable)?;
    match error {
        // Treated like a missing answer: a cluster without a leader, such as after a power cut of all servers.
        Some(error) if is_temporary(&error) => Err(Failure::unreachable(doing, error.description)),
        Some(error) => Ok(Err(error)),
        None => serde_json::from_slice(&answer.payload).map(Ok).map_err(unreadable),
    }
}

/// Returns a number from the headers of an answer.
pub(super) fn header(answer: &Message, name: &str) -> Option<u64> {
    header_text(answer, name)?.parse().ok()
}

/// Returns a header of an answer. The server's own follow those that were stored with the message, so the last one counts.
pub(super) fn header_text<'a>(answer: &'a Message, name: &str) -> Option<&'a str> {
    Some(answer.headers.as_ref()?.get_all(name).last()?.as_str())
}

/// Answer to a direct get.
enum Direct {
    Stored(Stored),
    /// No such message.
    Nothing,
    /// End of a batch.
    End {
        left: u64,
    },
}

fn stored(message: Message, doing: &'static str) -> Result<Direct, Failure> {
    const NO_CONTENT: u16 = 204;
    // A stored message may bring a status of its own, so the sequence decides.
    if let Some(sequence) = header(&message, NATS_SEQUENCE.as_ref()) {
        let subject = header_text(&message, "Nats-Subject").unwrap_or_default().to_owned();
        return Ok(Direct::Stored(Stored { sequence, subject, payload: message.payload }));
    }
    match message.status {
        Some(StatusCode::NOT_FOUND) => Ok(Direct::Nothing),
        Some(status) if status.as_u16() == NO_CONTENT => {
            Ok(Direct::End { left: header(&message, "Nats-Num-Pending").unwrap_or(0) })
        }
        Some(StatusCode::NO_RESPONDERS) => {
            Err(Failure::unreachable(doing, "no replica of the stream is available"))
        }
        Some(status) => {
            let description = message.description.unwrap_or_default();
            Err(Failure::rejected(doing, ApiError { err_code: status.as_u16().into(), description }))
        }
        None => Err(Failure::unreachable(doing, "the answer has no sequence")),
    }
}
