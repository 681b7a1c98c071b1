//! Reading the log: the history of an aggregate, a range of all commits, or new commits as they arrive.

use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    failure::Failure,
    log::{envelope::Commit, follower::Follower, unparsed::UnparsedCommit},
    server::{connection::Connection, requests::Stored},
    subjects::{self, ALL_EVENTS, EVENTS},
};

const READING_ONE: &str = "reading a commit";

/// Reading access to the log over one connection.
#[derive(Debug, Clone)]
pub struct Log {
    connection: Connection,
}

impl Log {
    /// Creates an interface over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self { connection: connection.clone() }
    }

    /// Returns the position of the last commit; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`Failure`] if NATS does not answer.
    pub async fn last_position(&self) -> Result<u64, Failure> {
        Ok(self.stream_state().await?.last_seq)
    }

    /// Returns the size of the log on disk, in bytes.
    ///
    /// # Errors
    ///
    /// [`Failure`] if NATS does not answer.
    pub async fn bytes(&self) -> Result<u64, Failure> {
        Ok(self.stream_state().await?.bytes)
    }

    async fn stream_state(&self) -> Result<StreamState, Failure> {
        #[derive(Deserialize)]
        struct Reply {
            state: StreamState,
        }
        const DOING: &str = "reading the state of the log";
        let reply = self.connection.ask(DOING, &format!("STREAM.INFO.{EVENTS}"), &json!({})).await?;
        let Reply { state } = reply.map_err(|error| Failure::rejected(DOING, error))?;
        Ok(state)
    }

    /// Reads all commits of one aggregate; none for invalid names. In a cluster the last ones may be missing for a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn history(&self, aggregate: &str, id: &str) -> Result<Vec<Commit>, Failure> {
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok(Vec::new());
        }
        self.commits(&subjects::aggregate(aggregate, id), 0).await
    }

    /// Reads the next `max` commits of one aggregate after a position, fewer at the end, so that a long history is never in
    /// memory at once. Otherwise like [`Log::history`].
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn history_page(
        &self,
        aggregate: &str,
        id: &str,
        after: u64,
        max: usize,
    ) -> Result<Vec<Commit>, Failure> {
        self.history_page_and_rest(aggregate, id, after, max).await.map(|(page, _)| page)
    }

    /// Like [`Log::history_page`], with the number of commits that follow the page.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn history_page_and_rest(
        &self,
        aggregate: &str,
        id: &str,
        after: u64,
        max: usize,
    ) -> Result<(Vec<Commit>, u64), Failure> {
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok((Vec::new(), 0));
        }
        let doing = "reading the history of an aggregate";
        let subject = subjects::aggregate(aggregate, id);
        let (page, left) = self.connection.page(doing, EVENTS, &subject, after + 1, max).await?;
        let page = page.into_iter().map(parse).collect::<Result<_, _>>()?;
        Ok((page, left))
    }

    /// Reads the next hundred commits of all aggregates of a type after a position, fewer at the end. In a cluster the last
    /// ones may be missing for a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn page_of(&self, aggregate: &'static str, after: u64) -> Result<Vec<Commit>, Failure> {
        const PAGE: usize = 100;
        let doing = "reading the histories of an aggregate type";
        let subject = format!("tix.{aggregate}.*");
        let (page, _) = self.connection.page(doing, EVENTS, &subject, after + 1, PAGE).await?;
        page.into_iter().map(parse).collect()
    }

    /// Reads the next five hundred commits whose subject matches a filter after a position, fewer at the end, and leaves it to
    /// the caller to parse them.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read.
    pub async fn page_unparsed(&self, filter: &str, after: u64) -> Result<Vec<UnparsedCommit>, Failure> {
        const PAGE: usize = 500;
        let (page, _) = self.connection.page("reading the log", EVENTS, filter, after + 1, PAGE).await?;
        Ok(page.into_iter().map(unparsed).collect())
    }

    /// Reads all commits of one aggregate after a position, without missing any that was acknowledged. Meant for the last
    /// few, after the pages of [`Log::history_page`].
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn history_end(&self, aggregate: &str, id: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        if !subjects::is_token(aggregate) || !subjects::is_token(id) {
            return Ok(Vec::new());
        }
        self.acknowledged_commits(&subjects::aggregate(aggregate, id), after).await
    }

    /// Reads the commit at a position from the leader, if there is one. A replica that lags would miss the last ones, and a
    /// log without them looks like another log.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read, or holds an unreadable message.
    pub async fn commit_at(&self, position: u64) -> Result<Option<Commit>, Failure> {
        if position == 0 {
            return Ok(None);
        }
        commit(self.connection.ask_leader(READING_ONE, EVENTS, &json!({ "seq": position })).await?)
    }

    /// Streams every commit after `after` up to `up_to`, which must be in the log, in order, as fast as the server sends
    /// them. Ends with the first failure.
    pub fn read(&self, after: u64, up_to: u64) -> impl Stream<Item = Result<Commit, Failure>> + Send + use<> {
        self.read_unparsed(after, up_to).map(|message| message?.parse())
    }

    /// Like [`Log::read`], but leaves it to the caller to parse the commits.
    pub fn read_unparsed(
        &self,
        after: u64,
        up_to: u64,
    ) -> impl Stream<Item = Result<UnparsedCommit, Failure>> + Send + use<> {
        let connection = self.connection.clone();
        stream::try_unfold((None, after), move |(follower, after): (Option<Follower>, u64)| {
            let connection = connection.clone();
            async move {
                if after >= up_to {
                    return Ok(None);
                }
                let mut follower = match follower {
                    Some(follower) => follower,
                    None => Follower::open(&connection, &[ALL_EVENTS], after).await?,
                };
                let stored = follower.next().await?;
                let after = stored.sequence;
                Ok(Some((unparsed(stored), (Some(follower), after))))
            }
        })
    }

    /// Streams every commit after a position whose subject matches one of `filters`, without end. Recovers from reconnects
    /// by itself, without gaps and without repeats.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read. The stream ends with [`Failure::Unreadable`].
    pub async fn tail(
        &self,
        after: u64,
        filters: &[&str],
    ) -> Result<impl Stream<Item = Result<Commit, Failure>> + Send + use<>, Failure> {
        Ok(self.tail_unparsed(after, filters).await?.map(|message| message?.parse()))
    }

    /// Like [`Log::tail`], but leaves it to the caller to parse the commits.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read.
    pub async fn tail_unparsed(
        &self,
        after: u64,
        filters: &[&str],
    ) -> Result<impl Stream<Item = Result<UnparsedCommit, Failure>> + Send + use<>, Failure> {
        let follower = Follower::open(&self.connection, filters, after).await?;
        Ok(stream::try_unfold(follower, async |mut follower| {
            let stored = follower.next().await?;
            Ok(Some((unparsed(stored), follower)))
        }))
    }

    /// Reads the last commit of a subject from any replica, if there is one.
    pub(crate) async fn last_commit_at_any_replica(&self, subject: &str) -> Result<Option<Commit>, Failure> {
        let query = json!({ "last_by_subj": subject });
        commit(self.connection.ask_any_replica(READING_ONE, EVENTS, &query).await?)
    }

    /// Reads all commits of a subject after a position from any replica, in order.
    pub(crate) async fn commits(&self, subject: &str, after: u64) -> Result<Vec<Commit>, Failure> {
        let doing = "reading the history of an aggregate";
        let all = self.connection.all_after(doing, EVENTS, subject, after).await?;
        all.into_iter().map(parse).collect()
    }

    /// Like [`Log::commits`], without missing any that was acknowledged.
    pub(crate) async fn acknowledged_commits(
        &self,
        subject: &str,
        after: u64,
    ) -> Result<Vec<Commit>, Failure> {
        let doing = "reading the end of a history";
        let all = self.connection.all_acknowledged_after(doing, EVENTS, subject, after).await?;
        all.into_iter().map(parse).collect()
    }
}

#[derive(Deserialize)]
struct StreamState {
    last_seq: u64,
    bytes: u64,
}

fn unparsed(stored: Stored) -> UnparsedCommit {
    UnparsedCommit::new(stored.sequence, stored.subject, stored.payload)
}

fn parse(stored: Stored) -> Result<Commit, Failure> {
    unparsed(stored).parse()
}

fn commit(stored: Option<Stored>) -> Result<Option<Commit>, Failure> {
    stored.map(parse).transpose()
}
