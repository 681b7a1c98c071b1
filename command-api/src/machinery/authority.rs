//! Staff and administrators, as their accounts say now. A token keeps its role for some minutes; a command must not.

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AccountKey,
    account::{Account, Command, Profile, Role},
    mail::AccountChange,
};
use ticketshow_http::{Caller, Problem, ReadDemands, Trace};
use ticketshow_nats::{
    executor::outcome::{Executed, Freshness},
    kv::sessions::Session,
};

use crate::machinery::{
    app::{App, carry_through},
    failures::failed,
};

/// A member of staff or an administrator with a live session. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct Staff(pub Caller);

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ticketshow_http::Staff(caller) = ticketshow_http::Staff::from_request_parts(parts, app).await?;
        app.check_authority(&caller, Role::Staff).await?;
        Ok(Self(caller))
    }
}

/// A person who may sell at the counter, with a live session. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct Seller(pub Caller);

impl FromRequestParts<App> for Seller {
    type Rejection = Problem;

    /// Every member of staff may sell.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Staff(caller) = Staff::from_request_parts(parts, app).await?;
        Ok(Self(caller))
    }
}

/// Rules for staff and administrators.
#[derive(Debug, Clone, Copy)]
pub struct StaffSessions {
    /// Longest time without a refresh.
    pub idle_max: SignedDuration,
    /// Longest time since signing in.
    pub life_max: SignedDuration,
    /// Time for which a sign-in or a confirmation counts as fresh; zero never asks for one.
    pub fresh: SignedDuration,
    /// Staff and administrators need a second factor.
    pub second_factor: bool,
    /// Largest sum of the credits that an administrator gives alone in a day, in minor units. `None` is no limit.
    pub credits_per_day_minor: Option<i64>,
}

impl Default for StaffSessions {
    /// A lunch break ends a session that was left open, and so does the end of a day. Five minutes are enough for a few calls in
    /// a row.
    fn default() -> Self {
        Self {
            idle_max: SignedDuration::from_mins(30),
            life_max: SignedDuration::from_hours(12),
            fresh: SignedDuration::from_mins(5),
            second_factor: false,
            credits_per_day_minor: None,
        }
    }
}

impl StaffSessions {
    /// Returns `true` if a session of `role` has lasted or been idle for too long.
    pub(crate) fn has_ended(&self, session: &Session, role: Role, now: Timestamp) -> bool {
        match role {
            Role::Customer => false,
            Role::Staff | Role::Admin => {
                now.duration_since(session.used_at) > self.idle_max
                    || now.duration_since(session.created_at) > self.life_max
            }
        }
    }

    /// Returns the demands on what staff, administrators and exports read.
    #[must_use]
    pub fn on_reads(&self) -> ReadDemands {
        let fresh = (self.second_factor && !self.fresh.is_zero()).then_some(self.fresh);
        ReadDemands { second_factor: self.second_factor, fresh }
    }

    /// Checks that the person has proved lately who they are.
    ///
    /// # Errors
    ///
    /// 403 `confirmation-needed`.
    pub(crate) fn check_fresh(&self, session: &Session, now: Timestamp) -> Result<(), Problem> {
        if self.fresh.is_zero() || now.duration_since(session.proved_at()) <= self.fresh {
            return Ok(());
        }
        Err(Problem::confirmation_needed())
    }
}

/// An administrator who has lately proved who they are: for money, roles and cascades. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct FreshAdministrator(pub Caller);

impl FromRequestParts<App> for FreshAdministrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ticketshow_http::Administrator(caller) =
            ticketshow_http::Administrator::from_request_parts(parts, app).await?;
        let session = app.check_authority(&caller, Role::Admin).await?;
        app.staff_sessions.check_fresh(&session, app.edge.now())?;
        Ok(Self(caller))
    }
}

/// An administrator with a live session. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct Administrator(pub Caller);

impl FromRequestParts<App> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ticketshow_http::Administrator(caller) =
            ticketshow_http::Administrator::from_request_parts(parts, app).await?;
        app.check_authority(&caller, Role::Admin).await?;
        Ok(Self(caller))
    }
}

impl App {
    /// Checks that the caller is staff, or an administrator, with a live session.
    ///
    /// # Errors
    ///
    /// 401 or 403.
    pub(crate) async fn check_staff(&self, caller: &Caller) -> Result<(), Problem> {
        match caller.role {
            Role::Customer => Err(Problem::forbidden()),
            Role::Staff | Role::Admin => self.check_authority(caller, Role::Staff).await.map(drop),
        }
    }

    /// Returns the caller's session if it is live and the account has `role`.
    async fn check_authority(&self, caller: &Caller, role: Role) -> Result<Session, Problem> {
        let session = self.live_session(caller).await?;
        if self.staff_sessions.has_ended(&session, role, self.edge.now()) {
            return Err(Problem::unauthorized());
        }
        let seen = self.state::<Account>(&caller.account, Freshness::Fresh).await?;
        let profile = seen.state.profile.filter(|profile| profile.may_act_as(role));
        let profile = profile.ok_or_else(Problem::forbidden)?;
        if self.staff_sessions.second_factor && profile.second_factor.is_none() {
            return Err(Problem::second_factor_missing());
        }
        Ok(session)
    }

    /// Returns the caller's session, as it is stored now.
    ///
    /// # Errors
    ///
    /// 401 if it has ended.
    pub(crate) async fn live_session(&self, caller: &Caller) -> Result<Session, Problem> {
        let session = self.sessions.get(&caller.account, caller.session, self.edge.now()).await;
        session.map_err(|failure| failed(&failure))?.ok_or_else(Problem::unauthorized)
    }

    async fn may_act_as(&self, account: &AccountKey, role: Role) -> Result<bool, Problem> {
        let seen = self.state::<Account>(account, Freshness::Fresh).await?;
        Ok(seen.state.profile.is_some_and(|profile| profile.may_act_as(role)))
    }

    /// Sends another person's account a command of an administrator, and ends its sessions. Two administrators may remove each
    /// other at the same moment; one who has lost the role takes the command back by `undo`, so that an administrator remains.
    ///
    /// # Errors
    ///
    /// 404 if there is no such account, 409 for the administrator's own.
    pub(crate) async fn administer(
        &self,
        administrator: Caller,
        account: AccountKey,
        command: Command,
        undo: Command,
        change: AccountChange,
        trace: Trace,
    ) -> Result<Executed<Option<Profile>>, Problem> {
        let app = self.clone();
        carry_through(async move {
            let profile = |account: &Account| account.profile.clone();
            let metadata = app.sent_by(administrator.user, &trace);
            let executed = app.execute(&account, command, metadata.clone(), profile).await?;
            if !app.may_act_as(&administrator.account, Role::Admin).await? {
                app.execute(&account, undo, metadata, profile).await?;
                return Err(Problem::forbidden());
            }
            app.sessions.end_all_but(&account, None).await.map_err(|failure| failed(&failure))?;
            if let Some(Profile { user, .. }) = &executed.answer
                && executed.changed
            {
                app.report(*user, account, change, trace);
            }
            Ok(executed)
        })
        .await
    }
}
