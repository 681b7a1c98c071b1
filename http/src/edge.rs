//! The services both APIs need at the edge: authentication, quotas, the clock and new ids.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Audit, EndedSessions, Keys, Limiters, Limits, MailedProofs, ReminderTokens, ResetTokens, SecondFactors,
    Secret, ShareTokens, SiteOrigin, Tokens, TrustedProxies,
};

/// Requirements for reads, set in production.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadDemands {
    /// Staff and administrators need a second factor.
    pub second_factor: bool,
    /// Longest time since a sign-in or a confirmation for an export of a person's data. `None` does not ask.
    pub fresh: Option<SignedDuration>,
}

/// Shared by all requests. A router's state offers it as `Arc<Edge>` by `FromRef`.
#[derive(Debug)]
pub struct Edge {
    /// Hashes of e-mails and bodies.
    pub keys: Keys,
    /// Access tokens.
    pub tokens: Tokens,
    /// Sessions whose access tokens are not accepted any more.
    pub ended: EndedSessions,
    /// Tokens to reset a password.
    pub reset_tokens: ResetTokens,
    /// Links and codes that prove that a person reads the mails to an address.
    pub mailed_proofs: MailedProofs,
    /// Tokens of links that show one ticket.
    pub share_tokens: ShareTokens,
    /// Tokens of links that turn reminders off.
    pub reminder_tokens: ReminderTokens,
    /// Tokens that prove the first factor of a sign-in.
    pub challenges: ResetTokens,
    /// Codes of second factors.
    pub second_factors: SecondFactors,
    /// Quotas.
    pub limiters: Limiters,
    /// Their settings, and the limits of items that are open at one time.
    pub limits: Limits,
    /// Security log.
    pub audit: Audit,
    /// Proxies trusted to forward a client's address.
    pub proxies: TrustedProxies,
    /// Requirements for reads.
    pub demands: ReadDemands,
    /// The address of the site for browsers.
    pub origin: SiteOrigin,
    /// The current time, to the millisecond.
    pub clock: fn() -> Timestamp,
    /// A new, unique id.
    pub new_id: fn() -> Uuid,
}

impl Edge {
    /// The edge of the installation with this secret, for browsers of this machine.
    #[must_use]
    pub fn new(
        secret: &Secret,
        limits: &Limits,
        proxies: TrustedProxies,
        clock: fn() -> Timestamp,
        new_id: fn() -> Uuid,
    ) -> Arc<Self> {
        Arc::new(Self::at(SiteOrigin::default(), secret, limits, proxies, clock, new_id))
    }

    /// The edge of the site at this origin.
    #[must_use]
    pub fn at(
        origin: SiteOrigin,
        secret: &Secret,
        limits: &Limits,
        proxies: TrustedProxies,
        clock: fn() -> Timestamp,
        new_id: fn() -> Uuid,
    ) -> Self {
        Self {
            keys: Keys::new(secret),
            tokens: Tokens::new(secret),
            ended: EndedSessions::default(),
            reset_tokens: ResetTokens::new(secret),
            mailed_proofs: MailedProofs::new(secret),
            share_tokens: ShareTokens::new(secret),
            reminder_tokens: ReminderTokens::new(secret),
            challenges: ResetTokens::challenges(secret),
            second_factors: SecondFactors::new(secret),
            limiters: Limiters::new(limits),
            limits: *limits,
            audit: Audit::default(),
            proxies,
            demands: ReadDemands::default(),
            origin,
            clock,
            new_id,
        }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
