//! Current roles of staff and administrators, read from their accounts. The role in a token may be some minutes old, which is too old
//! for a command.

use std::collections::BTreeSet;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AccountKey, BookingId, Permission, ScreenId, ScreeningId, VenueId,
    account::{Account, Command, Profile, Role},
    mail::AccountChange,
    screen::Screen,
    screening::Screening,
};
use ticketshow_http::{
    Caller, Problem, ReadDemands, Trace,
    permissions::{ActsOn, Rule, id_in_path},
};
use ticketshow_nats::{
    executor::outcome::{Executed, Freshness},
    kv::sessions::Session,
};

use crate::machinery::{
    app::{App, carry_through},
    failures::failed,
};

/// A member of staff with a live session and the permission that the table of permissions names for the route, at the venue that
/// it acts on. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct Staff(pub Caller);

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        app.admit(parts).await.map(|admitted| Self(admitted.caller))
    }
}

/// As [`Staff`], for a route whose handler finds out which venue it acts on.
#[derive(Debug, Clone)]
pub struct StaffSomewhere {
    pub caller: Caller,
    venues: GrantedVenues,
}

impl FromRequestParts<App> for StaffSomewhere {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Admitted { caller, venues, .. } = app.admit(parts).await?;
        Ok(Self { caller, venues })
    }
}

impl StaffSomewhere {
    /// Checks that the role is granted for the venue of a screening.
    ///
    /// # Errors
    ///
    /// 403 `forbidden`; 404 if there is no such screening.
    pub(crate) async fn check_screening(&self, app: &App, screening: ScreeningId) -> Result<(), Problem> {
        check(&self.venues, app.venue_of_screening(screening)).await
    }

    /// Checks that the role is granted for the venue of a screen.
    ///
    /// # Errors
    ///
    /// 403 `forbidden`; 404 if there is no such screen.
    pub(crate) async fn check_screen(&self, app: &App, screen: ScreenId) -> Result<(), Problem> {
        check(&self.venues, app.venue_of_screen(screen)).await
    }
}

/// Venues that a role is granted for; `None` is all of them.
type GrantedVenues = Option<BTreeSet<VenueId>>;

/// Checks that a role is granted for a venue, which is looked up only if that matters.
async fn check(
    venues: &GrantedVenues,
    venue: impl Future<Output = Result<VenueId, Problem>>,
) -> Result<(), Problem> {
    match venues {
        None => Ok(()),
        Some(venues) if venues.contains(&venue.await?) => Ok(()),
        Some(_) => Err(Problem::forbidden()),
    }
}

/// A caller with the permission that a route needs.
struct Admitted {
    caller: Caller,
    session: Session,
    venues: GrantedVenues,
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
    /// Returns `true` if a session of a member of staff has lasted or been idle for too long.
    pub(crate) fn has_ended(&self, session: &Session, role: Role, now: Timestamp) -> bool {
        role.is_staff()
            && (now.duration_since(session.used_at) > self.idle_max
                || now.duration_since(session.created_at) > self.life_max)
    }

    /// Returns the requirements for reading by staff, administrators and exports.
    #[must_use]
    pub fn on_reads(&self) -> ReadDemands {
        let fresh = (self.second_factor && !self.fresh.is_zero()).then_some(self.fresh);
        ReadDemands { second_factor: self.second_factor, fresh }
    }

    /// Checks that the person has recently confirmed their identity.
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

/// As [`Staff`], with a caller who has recently confirmed their identity: for money, roles and cascades.
#[derive(Debug, Clone)]
pub struct FreshStaff(pub Caller);

impl FromRequestParts<App> for FreshStaff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Admitted { caller, session, .. } = app.admit(parts).await?;
        app.staff_sessions.check_fresh(&session, app.edge.now())?;
        Ok(Self(caller))
    }
}

impl App {
    /// Checks the caller of a request against the table of permissions, the session and the account, as they are now.
    async fn admit(&self, parts: &mut Parts) -> Result<Admitted, Problem> {
        let caller = <Caller as FromRequestParts<Self>>::from_request_parts(parts, self).await?;
        let Rule { permission, acts_on } = Rule::of_request(parts);
        let (session, profile) = self.check_authority(&caller, permission).await?;
        if let Some(venues) = &profile.venues
            && !self.is_granted_for(venues, acts_on, parts).await?
        {
            return Err(Problem::forbidden());
        }
        Ok(Admitted { caller, session, venues: profile.venues })
    }

    /// Checks that the caller has a permission at the venue of a screening, with a live session.
    ///
    /// # Errors
    ///
    /// 401 or 403.
    pub(crate) async fn check_staff(
        &self,
        caller: &Caller,
        permission: Permission,
        screening: ScreeningId,
    ) -> Result<(), Problem> {
        let (_, profile) = self.check_authority(caller, permission).await?;
        check(&profile.venues, self.venue_of_screening(screening)).await
    }

    /// Returns the caller's session and account if they are live and have a permission, at whichever venues.
    async fn check_authority(
        &self,
        caller: &Caller,
        permission: Permission,
    ) -> Result<(Session, Profile), Problem> {
        if !caller.role.may(permission) {
            return Err(Problem::forbidden());
        }
        let session = self.live_session(caller).await?;
        if self.staff_sessions.has_ended(&session, caller.role, self.edge.now()) {
            return Err(Problem::unauthorized());
        }
        let seen = self.state::<Account>(&caller.account, Freshness::Fresh).await?;
        let profile = seen.state.profile.filter(|profile| profile.may(permission));
        let profile = profile.ok_or_else(Problem::forbidden)?;
        if self.staff_sessions.second_factor && profile.second_factor.is_none() {
            return Err(Problem::second_factor_missing());
        }
        Ok((session, profile))
    }

    /// Returns `true` if the venue that a request acts on is one of these, or if its handler will find out.
    async fn is_granted_for(
        &self,
        venues: &BTreeSet<VenueId>,
        acts_on: ActsOn,
        parts: &Parts,
    ) -> Result<bool, Problem> {
        let id = || id_in_path(parts).ok_or_else(Problem::not_found);
        let venue = match acts_on {
            ActsOn::Body => return Ok(true),
            ActsOn::Installation | ActsOn::Query => return Ok(false),
            ActsOn::Venue => VenueId(id()?),
            ActsOn::Screen => self.venue_of_screen(ScreenId(id()?)).await?,
            ActsOn::Screening => self.venue_of_screening(ScreeningId(id()?)).await?,
            ActsOn::Booking => {
                let screening = self.screening_of(BookingId(id()?)).await?;
                self.venue_of_screening(screening).await?
            }
        };
        Ok(venues.contains(&venue))
    }

    async fn venue_of_screen(&self, screen: ScreenId) -> Result<VenueId, Problem> {
        let seen = self.state::<Screen>(&screen, Freshness::Fresh).await?;
        seen.state.room.as_ref().map(|room| room.venue).ok_or_else(Problem::not_found)
    }

    async fn venue_of_screening(&self, screening: ScreeningId) -> Result<VenueId, Problem> {
        let seen = self.state::<Screening>(&screening, Freshness::Fresh).await?;
        seen.state.promise().map(|promise| promise.venue).ok_or_else(Problem::not_found)
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

    async fn may(&self, account: &AccountKey, permission: Permission) -> Result<bool, Problem> {
        let seen = self.state::<Account>(account, Freshness::Fresh).await?;
        Ok(seen.state.profile.is_some_and(|profile| profile.may(permission)))
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
            if !app.may(&administrator.account, Permission::Administration).await? {
                app.execute(&account, undo, metadata, profile).await?;
                return Err(Problem::forbidden());
            }
            app.end_sessions(&account, None).await.map_err(|failure| failed(&failure))?;
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
