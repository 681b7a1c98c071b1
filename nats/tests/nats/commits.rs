//! Handwritten commits of unknown events, for readers that do not decode events.

use bytes::Bytes;
use std::time::Duration;

use async_nats::{HeaderMap, jetstream};
use serde_json::json;
use ticketshow_nats::{clock, server::users::NatsUser};

use crate::site::Site;

pub struct Writer(jetstream::Context);

impl Writer {
    pub async fn new(site: &Site) -> Self {
        let seed = std::fs::read_to_string(site.seed_file(NatsUser::CommandApi)).unwrap();
        let prefix = format!("_INBOX_{}", NatsUser::CommandApi.name());
        let options = async_nats::ConnectOptions::with_nkey(seed).custom_inbox_prefix(prefix);
        let client = options.connect(site.nats.url()).await.unwrap();
        Self(jetstream::context::ContextBuilder::new().ack_timeout(Duration::from_secs(30)).build(client))
    }

    /// Appends a commit with one event of a booking. Returns its position.
    pub async fn commit(&self, id: &str, version: u64, event_type: &str) -> u64 {
        let commit = json!({
            "commit": clock::new_id(), "aggregate": "booking", "id": id, "first_version": version, "commands": [],
            "events": [{"version": 1, "type": event_type, "data": {}}],
        });
        self.write(id, event_type, commit.to_string()).await
    }

    /// Like [`Writer::commit`], with more headers.
    pub async fn commit_with(&self, id: &str, version: u64, more: &[(&str, &str)]) -> u64 {
        let mut headers = HeaderMap::new();
        for (name, value) in more {
            headers.insert(*name, *value);
        }
        let commit = json!({
            "commit": clock::new_id(), "aggregate": "booking", "id": id, "first_version": version, "commands": [],
            "events": [{"version": 1, "type": "x", "data": {}}],
        });
        self.send(&format!("tix.booking.{id}"), headers, commit.to_string().into()).await
    }

    /// Like [`Writer::commit`], with data that makes the commit large.
    pub async fn large_commit(&self, id: &str, version: u64, data: &str) -> u64 {
        let commit = json!({
            "commit": clock::new_id(), "aggregate": "booking", "id": id, "first_version": version, "commands": [],
            "events": [{"version": 1, "type": "x", "data": {"text": data}}],
        });
        self.write(id, "x", commit.to_string()).await
    }

    /// Appends any payload to a booking's subject.
    pub async fn write(&self, id: &str, event_types: &str, payload: String) -> u64 {
        let mut headers = HeaderMap::new();
        headers.insert("Tix-Events", event_types);
        self.send(&format!("tix.booking.{id}"), headers, payload.into()).await
    }

    /// Stores any payload on any subject.
    pub async fn store(&self, subject: &str, payload: Bytes) -> u64 {
        self.send(subject, HeaderMap::new(), payload).await
    }

    async fn send(&self, subject: &str, headers: HeaderMap, payload: Bytes) -> u64 {
        let sent = self.0.publish_with_headers(subject.to_owned(), headers, payload).await;
        sent.unwrap().await.unwrap().sequence
    }
}
