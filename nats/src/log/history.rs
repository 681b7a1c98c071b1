//! Reading the log: an aggregate's history, a stretch of everything, or everything from now on.

use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    failure::Failure,
    log::{
        envelope::Commit,
        reader::{Reader, ReaderConsumer},
    },
    server::{connection::Connection, requests::Stored},
    subjects::{self, ALL_EVENTS, EVENTS},
};

const READING_ONE: &str = "reading a commit";

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
        Ok(self.stream_state().await?.last_seq)
    }

    /// Bytes that the log takes on disk.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be asked.
    pub async fn bytes(&self) -> Result<u64, Failure> {
        Ok(self.stream_state().await?.bytes)
    }

    async fn stream_state(&self) -> Result<StreamState, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            state: StreamState,
        }
        const DOING: &str = "asking for the end of the log";
        let answer = self.connection.ask(DOING, &format!("STREAM.INFO.{EVENTS}"), &json!({})).await?;
        let Answer { state } = answer.map_err(|error| Failure::rejected(DOING, error))?;
        Ok(state)
    }

    /// All commits of one aggregate; none if the names cannot be those of one. On a cluster the last ones may be missing
    /// for a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn history(&self, aggregate: &str, id: &str) -> Result<Vec<Commit>, Failure> {
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok(Vec::new());
        }
        self.commits(&subjects::aggregate(aggregate, id), 0).await
    }

    /// The next hundred commits of one aggregate after a position, fewer at the end; so a long history is never in memory
    /// as a whole. Otherwise as [`Log::history`].
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn history_page(&self, aggregate: &str, id: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        const PAGE: usize = 100;
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok(Vec::new());
        }
        let doing = "reading the history of an aggregate";
        let subject = subjects::aggregate(aggregate, id);
        let (page, _) = self.connection.page(doing, EVENTS, &subject, after + 1, PAGE).await?;
        page.into_iter().map(parse).collect()
    }

    /// The next hundred commits of all aggregates of a type after a position, fewer at the end. On a cluster the last
    /// ones may be missing for a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn page_of(&self, aggregate: &'static str, after: u64) -> Result<Vec<Commit>, Failure> {
        const PAGE: usize = 100;
        let doing = "reading the histories of a type";
        let subject = format!("tix.{aggregate}.*");
        let (page, _) = self.connection.page(doing, EVENTS, &subject, after + 1, PAGE).await?;
        page.into_iter().map(parse).collect()
    }

    /// All commits of one aggregate after a position, from the leader: nothing that was acknowledged before is missing. One
    /// request a commit, so meant for the last few, after [`Log::history_page`] has no more.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn history_end(&self, aggregate: &str, id: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok(Vec::new());
        }
        self.commits_from_leader(&subjects::aggregate(aggregate, id), after).await
    }

    /// The commit at a position, if there is one.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds something unreadable.
    pub async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        if position == 0 {
            return Ok(None);
        }
        commit(self.connection.ask_anyone(READING_ONE, EVENTS, &json!({ "seq": position })).await?)
    }

    /// Every commit after one position up to another, which must be in the log, in order, as fast as the server sends.
    /// Ends with the first failure.
    pub fn read(&self, after: u64, up_to: u64) -> impl Stream<Item = Result<Commit, Failure>> + Send + use<> {
        let connection = self.connection.clone();
        stream::try_unfold((None, after), move |(reader, after): (Option<Box<Reader>>, u64)| {
            let connection = connection.clone();
            async move {
                if after >= up_to {
                    return Ok(None);
                }
                let everything = || ReaderConsumer::Ephemeral { filters: vec![ALL_EVENTS.to_owned()] };
                let mut reader = match reader {
                    Some(reader) => reader,
                    None => Box::new(Reader::open(&connection, everything(), after).await?),
                };
                let (commit, _) = reader.next().await?;
                let after = commit.position;
                Ok(Some((commit, (Some(reader), after))))
            }
        })
    }

    /// Every commit after a position whose subject fits one of `filters`, without an end. Mends itself after
    /// reconnects, without gaps and without repeats.
    ///
    /// # Errors
    ///
    /// [`Failure::Away`] if the consumer cannot be made. Within the stream, [`Failure::Unreadable`], and then it ends.
    pub async fn tail(
        &self,
        after: u64,
        filters: &[&str],
    ) -> Result<impl Stream<Item = Result<Commit, Failure>> + Send + use<>, Failure> {
        let filters = filters.iter().map(|&filter| filter.to_owned()).collect();
        let reader = Reader::open(&self.connection, ReaderConsumer::Ephemeral { filters }, after).await?;
        Ok(stream::try_unfold(Box::new(reader), async |mut reader| {
            let (commit, _) = reader.next().await?;
            Ok(Some((commit, reader)))
        }))
    }

    /// The last commit of a subject, if there is one.
    pub(crate) async fn last_commit(&self, subject: &str) -> Result<Option<Commit>, Failure> {
        let which = json!({ "last_by_subj": subject });
        commit(self.connection.ask_anyone(READING_ONE, EVENTS, &which).await?)
    }

    /// The commit that the leader has at a position, if there is one. A message that is no commit counts as none.
    pub(crate) async fn commit_at_leader(&self, position: u64) -> Result<Option<Commit>, Failure> {
        let stored = self.connection.ask_leader(READING_ONE, EVENTS, &json!({ "seq": position })).await?;
        Ok(commit(stored).unwrap_or_default())
    }

    /// All commits of a subject after a position, in order.
    pub(crate) async fn commits(&self, subject: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        let doing = "reading the history of an aggregate";
        let all = self.connection.all_after(doing, EVENTS, subject, after).await?;
        all.into_iter().map(parse).collect()
    }

    /// As [`Log::commits`], but from the leader: nothing that was acknowledged is missing. Meant for a few commits.
    pub(crate) async fn commits_from_leader(
        &self,
        subject: &str,
        after: u64,
    ) -> Result<Vec<Commit>, Failure> {
        let mut commits = Vec::new();
        let mut next = after + 1;
        loop {
            let which = json!({ "seq": next, "next_by_subj": subject });
            match commit(self.connection.ask_leader(READING_ONE, EVENTS, &which).await?)? {
                None => return Ok(commits),
                Some(commit) => {
                    next = commit.position + 1;
                    commits.push(commit);
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct StreamState {
    last_seq: u64,
    bytes: u64,
}

fn parse(stored: Stored) -> Result<Commit, Failure> {
    Ok(Commit::parse(stored.sequence, stored.payload)?)
}

fn commit(stored: Option<Stored>) -> Result<Option<Commit>, Failure> {
    stored.map(parse).transpose()
}
