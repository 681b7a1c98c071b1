//! `POST /webhooks/dodo`: webhooks of the payment provider. They are verified and stored here, and processed by the sagas.

use std::{fmt, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use jiff::Timestamp;
use serde_json::Value;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use ticketshow_http::{Problem, RawBody, schema};

use crate::machinery::{app::App, failures::failed};

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
const KEY_PREFIX: &str = "whsec_";
/// Least length of a key in base64. Source: Standard Webhooks asks for 24 bytes.
const KEY_CHARS_MIN: usize = 32;

/// Keys that the provider may sign its webhooks with: two while it changes from one to the next.
#[derive(Clone)]
pub struct NoticeKey(Arc<[Webhook]>);

impl fmt::Debug for NoticeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoticeKey")
    }
}

/// Invalid webhook key.
#[derive(Debug, thiserror::Error)]
#[error("each key must be `whsec_` and the base64 of at least 24 bytes")]
pub struct NotANoticeKey;

impl NoticeKey {
    /// Reads keys as the provider writes them, `whsec_…`, separated by commas.
    ///
    /// # Errors
    ///
    /// [`NotANoticeKey`].
    pub fn new(keys: &str) -> Result<Self, NotANoticeKey> {
        let keys = keys.split(',').map(|key| {
            let secret = key.trim().trim_start_matches(KEY_PREFIX);
            // The library takes an empty key too, with which anyone could sign.
            let is_long = secret.len() >= KEY_CHARS_MIN;
            Webhook::new(secret).ok().filter(|_| is_long).ok_or(NotANoticeKey)
        });
        keys.collect::<Result<_, _>>().map(Self)
    }
}

/// Returns true if a webhook says that it was sent within a day of `now`. Verifying compares to the minute, but computes with
/// any number it is given.
fn is_recent(headers: &HeaderMap, now: Timestamp) -> bool {
    let sent = headers.get(HEADER_WEBHOOK_TIMESTAMP).and_then(|sent| sent.to_str().ok()?.parse::<i64>().ok());
    sent.is_some_and(|sent| sent.abs_diff(now.as_second()) <= SECONDS_PER_DAY)
}

/// Returns true if the provider has just sent a webhook.
fn is_genuine(keys: &[Webhook], headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
    is_recent(headers, now) && keys.iter().any(|key| key.verify(body, headers).is_ok())
}

/// Parts of a notice that the sagas read. The others, such as the payer's name and addresses, are not stored.
const READ: [&str; 17] = [
    "amount",
    "created_at",
    "currency",
    "dispute_id",
    "dispute_status",
    "error_code",
    "is_resolved_by_rdr",
    "metadata",
    "payload_type",
    "payment_id",
    "refund_id",
    "refunds",
    "status",
    "tax",
    "total_amount",
    "type",
    "timestamp",
];

/// Returns a notice without the payer's details. A notice that is not a JSON object is stored empty, because it cannot be read.
fn without_payer(body: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(mut notice)) = serde_json::from_slice(body) else { return b"{}".to_vec() };
    let is_read = |name: &str| READ.contains(&name);
    notice.retain(|name, _| name == "data" || is_read(name));
    if let Some(Value::Object(data)) = notice.get_mut("data") {
        data.retain(|name, _| is_read(name));
        if let Some(Value::Array(refunds)) = data.get_mut("refunds") {
            for refund in refunds.iter_mut().filter_map(Value::as_object_mut) {
                refund.retain(|name, _| is_read(name));
            }
        }
    }
    Value::Object(notice).to_string().into_bytes()
}

/// Stores a webhook signed according to Standard Webhooks and at most five minutes old. A repeat is stored once.
///
/// # Errors
///
/// 401 if the signature is invalid or too old, 404 if cards are not accepted, 503 if the webhook cannot be
/// stored and must be sent again.
#[utoipa::path(
    post,
    path = "/webhooks/dodo",
    tag = "Booking and money",
    request_body(content = String, content_type = "application/json", description = "as the provider sends it"),
    params(
        ("webhook-id" = String, Header),
        ("webhook-timestamp" = String, Header, description = "seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,<base64>`, several separated by spaces"),
    ),
    responses(
        (status = 200, description = "stored, now or before"),
        (status = 401, description = "`unauthorized`: forged or stale", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: cards are not accepted", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
    )
)]
pub async fn receive_notice(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    let NoticeKey(keys) = app.notices.as_ref().ok_or_else(Problem::not_found)?;
    // Anyone can send an invalid one, so it is counted and not logged.
    if !is_genuine(keys, &headers, &body, app.edge.now()) {
        metrics::counter!("ticketshow_webhooks_rejected").increment(1);
        return Err(Problem::unauthorized());
    }
    let id = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    app.webhooks.keep("dodo", id, without_payer(&body).into()).await.map_err(|failure| failed(&failure))?;
    Ok(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_stored_without_its_payer() {
        let notice = serde_json::json!({
            "business_id": "b", "type": "payment.succeeded", "timestamp": "2026-11-29T10:00:00Z",
            "data": {
                "payload_type": "Payment", "payment_id": "pay_1", "status": "succeeded", "total_amount": 25_000, "tax": 0,
                "currency": "INR", "metadata": {"payment_id": "ours"}, "created_at": "2026-11-29T10:00:00Z",
                "refunds": [{"refund_id": "ref_1", "reason": "Ada asked"}],
                "customer": {"email": "ada@example.org", "name": "Ada"}, "billing": {"street": "1 Lake Road"},
            },
        });
        let stored = without_payer(notice.to_string().as_bytes());
        let expected = serde_json::json!({
            "type": "payment.succeeded", "timestamp": "2026-11-29T10:00:00Z",
            "data": {
                "payload_type": "Payment", "payment_id": "pay_1", "status": "succeeded", "total_amount": 25_000, "tax": 0,
                "currency": "INR", "metadata": {"payment_id": "ours"}, "created_at": "2026-11-29T10:00:00Z",
                "refunds": [{"refund_id": "ref_1"}],
            },
        });
        assert_eq!(serde_json::from_slice::<Value>(&stored).unwrap(), expected);
        assert_eq!(without_payer(b"ada@example.org"), b"{}");
    }

    #[test]
    fn a_webhook_of_any_time_is_compared_without_overflow() {
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let is_recent = |sent: &str| {
            is_recent(
                &HeaderMap::from_iter([(HEADER_WEBHOOK_TIMESTAMP.parse().unwrap(), sent.parse().unwrap())]),
                now,
            )
        };
        let day = i64::try_from(SECONDS_PER_DAY).unwrap();
        for (sent, expected) in [
            (i64::MIN, false),
            (i64::MAX, false),
            (now.as_second(), true),
            (now.as_second() - day, true),
            (now.as_second() - day - 1, false),
            (now.as_second() + day + 1, false),
        ] {
            assert_eq!(is_recent(&sent.to_string()), expected, "{sent}");
        }
        assert!(!is_recent("-9223372036854775809") && !is_recent("yesterday"));
        assert!(!super::is_recent(&HeaderMap::new(), now));
    }
}

#[cfg(test)]
mod hostile {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};
    use standardwebhooks::HEADER_WEBHOOK_SIGNATURE;
    use ticketshow_nats::clock;

    use super::*;

    fn key() -> NoticeKey {
        NoticeKey::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
    }

    fn headers(values: [&[u8]; 3]) -> HeaderMap {
        let names = [HEADER_WEBHOOK_ID, HEADER_WEBHOOK_TIMESTAMP, HEADER_WEBHOOK_SIGNATURE];
        let pairs = names.into_iter().zip(values);
        let pair = |(name, value): (&str, &[u8])| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value).ok()?))
        };
        pairs.filter_map(pair).collect()
    }

    #[test]
    fn while_the_provider_changes_its_key_both_are_valid() {
        const NEXT: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let (now, both) = (clock::now(), format!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, {NEXT}"));
        let (NoticeKey(both), NoticeKey(old), NoticeKey(next)) =
            (NoticeKey::new(&both).unwrap(), key(), NoticeKey::new(NEXT).unwrap());
        let sent = now.as_second();
        for (signer, other) in [(&old, &next), (&next, &old)] {
            let (time, signature) = (sent.to_string(), signer[0].sign("msg_1", sent, b"{}").unwrap());
            let headers = headers([b"msg_1", time.as_bytes(), signature.as_bytes()]);
            assert!(is_genuine(&both, &headers, b"{}", now));
            assert!(!is_genuine(other, &headers, b"{}", now));
        }
    }

    #[test]
    fn an_empty_or_short_key_is_refused() {
        let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(NoticeKey::new(good).is_ok());
        for bad in ["", "whsec_", "whsec_MfKQ", "whsec_?fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(NoticeKey::new(bad).is_err(), "{bad}");
            assert!(NoticeKey::new(&format!("{good},{bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_made_up_webhook_is_believed() {
        let (NoticeKey(key), now) = (key(), clock::now());
        let word = || {
            prop_oneof![vec(any::<u8>(), 0..80), "(v1,)?[A-Za-z0-9+/=]{0,90}".prop_map(String::into_bytes)]
        };
        let time = prop_oneof![
            any::<i64>().prop_map(|sent| sent.to_string().into_bytes()),
            Just(now.as_second().to_string().into_bytes()),
            vec(any::<u8>(), 0..30),
        ];
        let run = TestRunner::deterministic().run(
            &(word(), time, word(), word()),
            |(id, time, signature, body)| {
                prop_assert!(!is_genuine(&key, &headers([&id, &time, &signature]), &body, now));
                Ok(())
            },
        );
        run.unwrap();
    }

    #[test]
    fn no_changed_webhook_is_believed() {
        const BODY: &[u8] =
            br#"{"type":"payment.succeeded","data":{"payment_id":"pay_1","total_amount":25000}}"#;
        let (NoticeKey(key), now) = (key(), clock::now());
        let sent = now.as_second();
        let signature = key[0].sign("msg_1", sent, BODY).unwrap();
        let (time, signature) = (sent.to_string(), signature.into_bytes());
        let genuine = headers([b"msg_1", time.as_bytes(), &signature]);
        assert!(is_genuine(&key, &genuine, BODY, now));
        let run = TestRunner::deterministic().run(
            &(any::<Index>(), any::<u8>(), 0..4_u8),
            |(place, byte, part)| {
                let mut parts =
                    [BODY.to_vec(), b"msg_1".to_vec(), time.clone().into_bytes(), signature.clone()];
                let changed = &mut parts[usize::from(part)];
                let place = place.index(changed.len());
                prop_assume!(changed[place] != byte);
                changed[place] = byte;
                let [body, id, time, signature] = &parts;
                prop_assert!(!is_genuine(&key, &headers([id, time, signature]), body, now), "{parts:?}");
                Ok(())
            },
        );
        run.unwrap();
    }
}
