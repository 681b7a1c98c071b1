//! Positions of the log and versions of aggregates: none is missing and none occurs twice.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    mem::{Discriminant, discriminant},
};

use ticketshow_domain::AnyEvent;
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::findings::{Findings, Invariant};

/// The last position, and the last version of every aggregate.
#[derive(Debug, Default)]
pub(super) struct Versions {
    position: u64,
    last: HashMap<(Discriminant<AnyEvent>, u128), u64>,
}

impl Versions {
    /// The last position taken.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn take(&mut self, recorded: &RecordedEvent, findings: &mut Findings) {
        let RecordedEvent { position, version, aggregate, id, .. } = recorded;
        self.arrive(*position, findings);
        let last = self.last.entry((discriminant(&recorded.event), compact(id))).or_default();
        if *version != *last + 1 {
            let detail = format!("version {version} of {aggregate} {id} follows version {last}");
            findings.violated(Invariant::VersionsContiguous, *position, detail);
        }
        *last = *version;
    }

    /// Takes a message that is not a commit of its aggregate.
    pub fn take_unreadable(&mut self, position: u64, detail: String, findings: &mut Findings) {
        self.arrive(position, findings);
        findings.violated(Invariant::OwnSubject, position, detail);
    }

    fn arrive(&mut self, position: u64, findings: &mut Findings) {
        if position != self.position && position != self.position + 1 {
            let detail = format!("follows position {}", self.position);
            findings.violated(Invariant::PositionsComplete, position, detail);
        }
        self.position = position;
    }
}

/// Packs an id into 128 bits: a UUID as it is, any other id as its digest.
fn compact(id: &str) -> u128 {
    Uuid::try_parse(id).map_or_else(|_| digest(id), |id| id.as_u128())
}

/// Returns a 128-bit digest of a text. With 64 bits a large log could contain a collision by chance.
pub(super) fn digest(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(text.as_bytes());
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
