//! The caller's identity. Callers without a valid token, and customers who send too many commands, are rejected before the body
//! is read. [`crate::permissions`] says what a route needs.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{header, request::Parts},
};
use jiff::Timestamp;
use ticketshow_domain::{AccountKey, Permission, UserId, account::Role};
use uuid::Uuid;

use crate::{Edge, KnownCaller, Limiter, Problem, permissions::is_read};

/// A signed-in user, according to the access token. Without a valid token, or with one of a session that has ended: 401. A customer over
/// the quota of commands: 429.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// Stream key of the account.
    pub account: AccountKey,
    /// Role as of the last refresh.
    pub role: Role,
    /// The session that the token belongs to.
    pub session: Uuid,
    /// The account has a second factor, as of the last refresh.
    pub second_factor: bool,
}

impl Caller {
    /// Checks that the role includes a permission, and that the caller has a second factor if reads require one. Commands ask the
    /// account itself.
    ///
    /// # Errors
    ///
    /// 403 `forbidden`, `second-factor-missing`.
    pub fn may_read(&self, permission: Permission, edge: &Edge) -> Result<(), Problem> {
        if !self.role.may(permission) {
            return Err(Problem::forbidden());
        }
        if edge.demands.second_factor && !self.second_factor {
            return Err(Problem::second_factor_missing());
        }
        Ok(())
    }

    /// Takes one from a quota of customers. Staff serve many people and have none.
    ///
    /// # Errors
    ///
    /// 429 `too-many-requests`.
    pub fn take(&self, quota: &Limiter, now: Timestamp) -> Result<(), Problem> {
        if self.role.is_staff() {
            return Ok(());
        }
        quota.take(self.user, now).map_err(Problem::too_many_requests)
    }

    /// Gives back a take for a call that was refused and so left nothing behind.
    pub fn give_back(&self, quota: &Limiter) {
        if !self.role.is_staff() {
            quota.give_back(self.user);
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller
where
    Arc<Edge>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = authorization.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_ascii())
        });
        let edge = Arc::<Edge>::from_ref(state);
        let now = edge.now();
        let caller =
            token.and_then(|token| edge.tokens.check(token, now)).ok_or_else(Problem::unauthorized)?;
        if edge.ended.contains(caller.session) {
            return Err(Problem::unauthorized());
        }
        KnownCaller { user: caller.user, role: caller.role, session: caller.session }.note();
        if !is_read(&parts.method) {
            caller.take(&edge.limiters.commands_per_user, now)?;
        }
        Ok(caller)
    }
}

/// `Option<Caller>` is for public endpoints that show signed-in users more. An invalid token is still 401, so that a
/// client never mistakes the public view for its own.
impl<S: Sync> OptionalFromRequestParts<S> for Caller
where
    Arc<Edge>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
        } else {
            Ok(None)
        }
    }
}
