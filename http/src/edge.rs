//! What both APIs need at the edge: who may call, how often, what time it is, and what the next thing is called.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Keys, Limiters, Limits, ResetTokens, Secret, Tokens, TrustedProxies};

/// Shared by all requests. A router's state offers it as `Arc<Edge>` by `FromRef`.
#[derive(Debug)]
pub struct Edge {
    /// Hashes of e-mails and bodies.
    pub keys: Keys,
    /// Access tokens.
    pub tokens: Tokens,
    /// For those who forgot their password.
    pub reset_tokens: ResetTokens,
    /// How often is too often.
    pub limiters: Limiters,
    /// Whose word about a caller's address is taken.
    pub proxies: TrustedProxies,
    /// The time of this moment, to the millisecond.
    pub clock: fn() -> Timestamp,
    /// An id that nobody had before.
    pub new_id: fn() -> Uuid,
}

impl Edge {
    /// An edge of the installation with this secret.
    #[must_use]
    pub fn new(
        secret: &Secret,
        limits: &Limits,
        proxies: TrustedProxies,
        clock: fn() -> Timestamp,
        new_id: fn() -> Uuid,
    ) -> Arc<Self> {
        Arc::new(Self {
            keys: Keys::new(secret),
            tokens: Tokens::new(secret),
            reset_tokens: ResetTokens::new(secret),
            limiters: Limiters::new(limits),
            proxies,
            clock,
            new_id,
        })
    }

    /// The time of this moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
