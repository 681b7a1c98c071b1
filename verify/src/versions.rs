//! Positions and versions: that nothing is missing and nothing is there twice.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    mem::{Discriminant, discriminant},
};

use ticketshow_domain::AnyEvent;
use ticketshow_nats::Recorded;
use uuid::Uuid;

use super::findings::{Findings, Invariant};

/// The last version of every aggregate.
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

    pub fn take(&mut self, recorded: &Recorded, findings: &mut Findings) {
        let Recorded { position, version, aggregate, id, .. } = recorded;
        if *position != self.position && *position != self.position + 1 {
            let detail = format!("comes after position {}", self.position);
            findings.violated(Invariant::PositionsComplete, *position, detail);
        }
        self.position = *position;
        let last = self.last.entry((discriminant(&recorded.event), compact(id))).or_default();
        if *version != *last + 1 {
            let detail = format!("version {version} of {aggregate} {id} comes after {last}");
            findings.violated(Invariant::VersionsContiguous, *position, detail);
        }
        *last = *version;
    }
}

/// Ids are UUIDs or as long as one, in hex.
fn compact(id: &str) -> u128 {
    Uuid::try_parse(id).map_or_else(|_| digest(id), |id| id.as_u128())
}

/// 128 bits that stand for a text. Chance alone makes two the same, which 64 bits would not rule out in a large log.
pub(super) fn digest(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(text.as_bytes());
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
