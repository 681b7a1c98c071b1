//! `PUT /admin/accounts/{user_id}/role`

use axum::{Json, extract::State};
use serde::Deserialize;
use ticketshow_domain::{
    UserId,
    account::{Account, Command, Role},
    mail::AccountChange,
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::FreshAdministrator, signed_in::Person};

/// The new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantedRole {
    #[schema(value_type = schema::Role)]
    role: Role,
}

/// Changes the role of another person's account and ends its sessions: the person signs in again.
///
/// # Errors
///
/// 404 if there is no such account, 409 `own-account` for the caller's own, so that one administrator always remains.
#[utoipa::path(
    put,
    path = "/admin/accounts/{user_id}/role",
    tag = "Administration",
    request_body = GrantedRole,
    params(("user_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Person),
        (status = 409, description = "`own-account`", body = schema::Problem, content_type = "application/problem+json"),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn grant_role(
    State(app): State<App>,
    FreshAdministrator(caller): FreshAdministrator,
    trace: Trace,
    PathId(user): PathId<UserId>,
    Body(GrantedRole { role }): Body<GrantedRole>,
) -> Result<(StreamPosition, Json<Person>), Problem> {
    let account = app.routing.account_of(user).await?;
    let before = app.state::<Account>(&account, Freshness::Fresh).await?.state.profile;
    let role_before = before.ok_or_else(Problem::not_found)?.role;

    let grant = |role| Command::GrantRole { role, by: caller.user };
    let (command, undo) = (grant(role), grant(role_before));
    let executed = app.administer(caller, account, command, undo, AccountChange::Role, trace).await?;

    let profile = executed.answer.as_ref().ok_or_else(Problem::not_found)?;
    let person = app.person(profile).await?;
    Ok((StreamPosition(executed.position), Json(person)))
}
