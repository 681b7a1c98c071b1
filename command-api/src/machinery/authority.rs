//! Staff and administrators, as their accounts say now. A token keeps its role for some minutes; a command must not.

use axum::{extract::FromRequestParts, http::request::Parts};
use ticketshow_domain::{
    AccountKey, UserId,
    account::{Account, Command, Role},
    mail::AccountChange,
};
use ticketshow_http::{Caller, Problem, Trace};
use ticketshow_nats::executor::outcome::{Executed, Freshness};

use crate::machinery::{
    app::{App, carry_through},
    failures::failed,
    signed_in::Person,
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
    async fn check_authority(&self, caller: &Caller, role: Role) -> Result<(), Problem> {
        let session = self.sessions.get(&caller.account, caller.session, self.edge.now()).await;
        session.map_err(|failure| failed(&failure))?.ok_or_else(Problem::unauthorized)?;
        if self.may_act_as(&caller.account, role).await? { Ok(()) } else { Err(Problem::forbidden()) }
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
    ) -> Result<Executed<Option<Person>>, Problem> {
        let app = self.clone();
        carry_through(async move {
            let person = |account: &Account| account.profile.as_ref().map(Person::from);
            let metadata = app.sent_by(administrator.user, &trace);
            let executed = app.execute(&account, command, metadata.clone(), person).await?;
            if !app.may_act_as(&administrator.account, Role::Admin).await? {
                app.execute(&account, undo, metadata, person).await?;
                return Err(Problem::forbidden());
            }
            app.sessions.end_all_but(&account, None).await.map_err(|failure| failed(&failure))?;
            if let Some(Person { user_id, .. }) = &executed.answer
                && executed.changed
            {
                app.report(UserId(*user_id), account, change, trace);
            }
            Ok(executed)
        })
        .await
    }
}
