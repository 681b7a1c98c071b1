//! Delivery of notices: each is built, signed and sent for each attempt, with eight attempts over more than a day.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Uri,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    interface::wire::{self, merge},
    simulator::Simulator,
    state::{
        book::Entry,
        clock::{plus, wall},
        faults::Mangling,
        records::{Attempt, AttemptOutcome, Notice, NoticeState},
    },
};

/// Timeout for connection and response together.
const PATIENCE: Duration = Duration::from_secs(15);
/// Delays between a failed attempt and the next. With the immediate first one they make the provider's eight attempts.
const WAITS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];
/// Age of an old timestamp in seconds. Receivers tolerate five minutes.
const OLD: i64 = 600;

impl Simulator {
    /// Attempts to deliver a notice once, and stores the outcome.
    pub async fn deliver(&self, id: &str) {
        let Some((url, delivery)) = self.change(|world| {
            let notice = world.book.notice(id).filter(|notice| notice.state == NoticeState::Waiting)?;
            let (kind, body) = (notice.kind.clone(), wire::notice(&world.book, notice));
            Some((
                world.webhook_url.clone(),
                Delivery { id, body, manglings: world.draw_for_delivery(&kind) },
            ))
        }) else {
            return;
        };
        let mut outcome = AttemptOutcome::Unanswered("no webhook address is set".to_owned());
        if let Some(url) = url {
            for _ in 0..delivery.times() {
                outcome = delivery.send(&url, self.signer()).await;
            }
        }
        self.change(|world| {
            let now = world.now();
            if let Some(notice) = world.book.notice(id) {
                let notice = tried(notice.clone(), Attempt { at: now, outcome });
                world.book.keep(vec![Entry::Notice(Box::new(notice))]);
            }
        });
    }
}

/// Returns a notice after another attempt.
fn tried(mut notice: Notice, attempt: Attempt) -> Notice {
    let wait = WAITS.get(notice.attempts.len());
    (notice.state, notice.due) = match (&attempt.outcome, wait) {
        (AttemptOutcome::Status(200..=299), _) => (NoticeState::Delivered, None),
        (AttemptOutcome::Status(_) | AttemptOutcome::Unanswered(_), Some(wait)) => {
            (NoticeState::Waiting, Some(plus(attempt.at, *wait)))
        }
        (AttemptOutcome::Status(_) | AttemptOutcome::Unanswered(_), None) => (NoticeState::GivenUp, None),
    };
    notice.attempts.push(attempt);
    notice
}

/// One delivery attempt.
struct Delivery<'a> {
    id: &'a str,
    body: Value,
    manglings: Vec<Mangling>,
}

impl Delivery<'_> {
    /// Returns the number of times that it is sent.
    fn times(&self) -> usize {
        if self.manglings.contains(&Mangling::Duplicate) { 2 } else { 1 }
    }

    async fn send(&self, url: &str, signer: &Webhook) -> AttemptOutcome {
        let mut body = self.body.clone();
        if self.manglings.contains(&Mangling::ExtraFields) {
            merge(&mut body, json!({"constellation": {"name": "Lyra", "stars": [1, 2.5, null, true]}}));
            if let Some(data) = body.get_mut("data") {
                merge(data, json!({"favourite_star": "Vega"}));
            }
        }
        let body = body.to_string();
        let old = self.manglings.contains(&Mangling::OldTimestamp);
        let timestamp = wall().as_second() - if old { OLD } else { 0 };
        let signatures = self.signatures(signer, timestamp, &body);
        let headers = [
            (standardwebhooks::HEADER_WEBHOOK_ID, self.id.to_owned()),
            (standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, timestamp.to_string()),
            (standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signatures),
        ];
        match timeout(PATIENCE, post(url, &headers, body)).await {
            Ok(Ok(status)) => AttemptOutcome::Status(status),
            Ok(Err(error)) => AttemptOutcome::Unanswered(error.to_string()),
            Err(_) => AttemptOutcome::Unanswered(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }

    fn signatures(&self, signer: &Webhook, timestamp: i64, body: &str) -> String {
        let sign = |signer: &Webhook| {
            signer.sign(self.id, timestamp, body.as_bytes()).expect("JSON text is UTF-8, as signing requires")
        };
        let (good, other) = (sign(signer), sign(&other_secret()));
        if self.manglings.contains(&Mangling::WrongSignature) {
            other
        } else if self.manglings.contains(&Mangling::TwoSignatures) {
            format!("{other} {good}")
        } else {
            good
        }
    }
}

/// A secret that is not the merchant's.
fn other_secret() -> Webhook {
    Webhook::from_bytes(b"a secret that the merchant never had".to_vec())
        .expect("every byte string is a valid key")
}

/// Posts JSON over a new connection and returns the status. Like the provider, it does not follow redirects.
async fn post(
    url: &str,
    headers: &[(&'static str, String)],
    body: String,
) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
    let url: Uri = url.parse()?;
    let authority = url.authority().ok_or("the address has no host")?;
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port)).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let target = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(target)
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "dodo-sim");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = sender.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
    let status = answer.status().as_u16();
    // Read completely, so that the receiver does not see the connection closed early.
    let _ = answer.into_body().collect().await;
    driver.abort();
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::records::About;

    #[test]
    fn a_notice_is_tried_eight_times_over_twenty_seven_and_a_half_hours() {
        let start = wall();
        let mut notice = Notice {
            webhook_id: "msg_1".to_owned(),
            kind: "payment.succeeded".to_owned(),
            about: About::Payment("pay_1".to_owned()),
            happened_at: start,
            attempts: Vec::new(),
            state: NoticeState::Waiting,
            due: Some(start),
        };
        while let Some(at) = notice.due {
            notice = tried(notice, Attempt { at, outcome: AttemptOutcome::Status(500) });
        }

        assert_eq!((notice.attempts.len(), notice.state), (8, NoticeState::GivenUp));
        let last = notice.attempts.last().unwrap().at;
        assert_eq!(last.duration_since(start).as_secs(), 27 * 3600 + 35 * 60 + 5);
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let signer = Webhook::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let delivery =
            Delivery { id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", body: Value::Null, manglings: Vec::new() };
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;

        let signature = delivery.signatures(&signer, 1_649_367_553, body);

        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }
}
