//! The place of a moment in a stream.

use async_nats::Message;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    failure::Failure,
    server::{
        connection::Connection,
        requests::{header, header_text},
    },
};

/// Header of a direct get with the sequence of the message, and with the time at which the stream took it.
const SEQUENCE: &str = "Nats-Sequence";
const TIME: &str = "Nats-Time-Stamp";

/// The newest message that a replica has.
#[derive(Debug, Clone, Copy)]
struct Newest {
    sequence: u64,
    at: Timestamp,
}

impl Connection {
    /// Returns a sequence that precedes all messages matching `subject` that a stream stored since `time`. The two
    /// answers that it needs may come from different replicas.
    ///
    /// # Errors
    ///
    /// [`Failure`] also if these replicas differ, which lasts only a moment.
    pub(crate) async fn sequence_before(
        &self,
        doing: &'static str,
        stream: &str,
        subject: &str,
        time: Timestamp,
    ) -> Result<u64, Failure> {
        let query = json!({ "last_by_subj": subject });
        let newest = newest_of(&self.answer_of_any_replica(doing, stream, &query).await?);
        let query = json!({ "start_time": time.to_string(), "next_by_subj": subject });
        let first = self.ask_any_replica(doing, stream, &query).await?;
        place(first.map(|first| first.sequence), newest, time)
            .ok_or_else(|| Failure::unreachable(doing, "the replicas of the stream differ"))
    }
}

fn newest_of(answer: &Message) -> Option<Newest> {
    let sequence = header(answer, SEQUENCE)?;
    // One of an unknown time counts as one of this moment.
    let at = header_text(answer, TIME).and_then(|time| time.parse().ok()).unwrap_or(Timestamp::MAX);
    Some(Newest { sequence, at })
}

/// Returns the sequence before the first message since `time`, which one replica has or not, while the other has `newest`. `None` if only the
/// other has such a message: there may be more before it.
fn place(first: Option<u64>, newest: Option<Newest>, time: Timestamp) -> Option<u64> {
    match (first, newest) {
        (Some(first), _) => Some(first - 1),
        (None, Some(newest)) => (newest.at < time).then_some(newest.sequence),
        (None, None) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn reading_begins_before_the_first_message_since_a_moment() {
        let newest = |sequence, second| Some(Newest { sequence, at: at(second) });
        assert_eq!(place(Some(8), newest(9, 120), at(100)), Some(7));
        assert_eq!(place(Some(8), newest(7, 90), at(100)), Some(7), "the other replica lags");
        assert_eq!(place(None, newest(7, 99), at(100)), Some(7), "nothing since");
        assert_eq!(place(None, None, at(100)), Some(0), "nothing at all");
    }

    #[test]
    fn a_message_that_one_replica_does_not_have_yet_is_not_passed_over() {
        let newest = |second| Some(Newest { sequence: 9, at: at(second) });
        assert_eq!(place(None, newest(100), at(100)), None);
        assert_eq!(place(None, newest(120), at(100)), None, "8 may be as new");
    }
}
