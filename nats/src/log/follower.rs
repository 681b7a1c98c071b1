//! Following of the log in pages, without a consumer: a user who may create one may have the server send messages anywhere. After
//! an error or a new link it goes on at its position, so messages are neither lost nor repeated. If the log was replaced
//! meanwhile, the follower fails.

use std::{collections::VecDeque, time::Duration};

use serde_json::json;

use crate::{
    failure::Failure,
    server::{connection::Connection, requests::Stored},
    subjects::{ALL_EVENTS, EVENTS, matches},
};

const DOING: &str = "following the log";
/// Messages per page.
const PAGE: usize = 500;
/// Pauses at the end of the log: the first, and the longest, after a while without a message.
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(40);
/// Longest pause after a failure.
const FAILED_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Reader of the messages whose subject matches one of some filters, in order.
#[derive(Debug)]
pub(crate) struct Follower {
    connection: Connection,
    filters: Vec<String>,
    /// Position of the last message read.
    after: u64,
    /// The last message read, once there is one.
    last: Option<Stored>,
    /// Messages read and not returned yet.
    page: VecDeque<Stored>,
    /// More messages are known to follow.
    behind: bool,
    /// Link over which the log was compared with `last`.
    link: Option<u64>,
    pause: Duration,
}

impl Follower {
    /// Reads the first page after `after`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the log cannot be read.
    pub async fn open(connection: &Connection, filters: &[&str], after: u64) -> Result<Self, Failure> {
        let mut follower = Self {
            link: connection.link(),
            connection: connection.clone(),
            filters: filters.iter().map(|&filter| filter.to_owned()).collect(),
            after,
            last: None,
            page: VecDeque::new(),
            behind: true,
            pause: PAUSE_MIN,
        };
        follower.read().await?;
        Ok(follower)
    }

    /// Waits for the next message. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::OtherLog`] if the log was replaced by another one, and other permanent failures.
    pub async fn next(&mut self) -> Result<Stored, Failure> {
        let mut failed_pause = Duration::from_millis(50);
        loop {
            while let Some(stored) = self.page.pop_front() {
                if self.filters.iter().any(|filter| matches(&stored.subject, filter)) {
                    return Ok(stored);
                }
            }
            if !self.behind {
                tokio::time::sleep(self.pause).await;
                self.pause = (self.pause * 2).min(PAUSE_MAX);
            }
            match self.read().await {
                Ok(()) => failed_pause = Duration::from_millis(50),
                Err(failure @ Failure::OtherLog) => return Err(failure),
                Err(failure) if failure.is_permanent() => return Err(failure),
                Err(failure) => {
                    tracing::debug!(%failure, DOING);
                    tokio::time::sleep(failed_pause).await;
                    failed_pause = (failed_pause * 2).min(FAILED_PAUSE_MAX);
                }
            }
        }
    }

    /// Reads on: a page, or the next message while there was none.
    async fn read(&mut self) -> Result<(), Failure> {
        let link = self.connection.link();
        if let Some(last) = self.last.as_ref().filter(|_| link != self.link) {
            self.connection.expect_commit(last.sequence, &last.payload).await?;
        }
        let filter = match self.filters.as_slice() {
            [filter] => filter,
            // A request has one filter.
            _ => ALL_EVENTS,
        };
        let next = self.after + 1;
        let (page, left) = if self.behind {
            self.connection.page(DOING, EVENTS, filter, next, PAGE).await?
        } else {
            let query = json!({ "seq": next, "next_by_subj": filter });
            (self.connection.ask_any_replica(DOING, EVENTS, &query).await?.into_iter().collect(), 1)
        };
        // A follower that has read nothing accepts any log.
        if self.last.is_some() && self.connection.link() != link {
            return Err(Failure::unreachable(DOING, "the link changed meanwhile"));
        }
        self.link = link;
        self.behind = !page.is_empty() && left > 0;
        if let Some(last) = page.last() {
            self.after = last.sequence;
            self.last = Some(last.clone());
            self.pause = PAUSE_MIN;
        }
        self.page.extend(page);
        Ok(())
    }
}
