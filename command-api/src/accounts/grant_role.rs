//! `PUT /admin/accounts/{user_id}/role`

use axum::{Json, extract::State};
use serde::Deserialize;
use ticketshow_domain::{
    UserId,
    account::{Account, Command, Role},
};
use ticketshow_http::{Administrator, Body, PathId, Problem, StreamPosition, Trace, schema};
use utoipa::ToSchema;

use crate::machinery::{app::App, signed_in::Person};

/// The new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantedRole {
    #[schema(value_type = schema::Role)]
    role: Role,
}

/// Changes the role of an account. It takes effect with the next access token, within 10 minutes.
///
/// # Errors
///
/// 404 if there is no such account.
#[utoipa::path(
    put,
    path = "/admin/accounts/{user_id}/role",
    tag = "Administration",
    request_body = GrantedRole,
    params(("user_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Person),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn grant_role(
    State(app): State<App>,
    Administrator(caller): Administrator,
    trace: Trace,
    PathId(user): PathId<UserId>,
    Body(GrantedRole { role }): Body<GrantedRole>,
) -> Result<(StreamPosition, Json<Person>), Problem> {
    let account = app.routing.account_of(user).await?;

    let command = Command::GrantRole { role, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let person = |account: &Account| account.profile.as_ref().map(Person::from);
    let executed = app.execute(&account, command, metadata, person).await?;

    let person = executed.answer.ok_or_else(Problem::not_found)?;
    Ok((StreamPosition(executed.position), Json(person)))
}
