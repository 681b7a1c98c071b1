//! `PUT /admin/accounts/{user_id}/role`

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use serde::Deserialize;
use ticketshow_domain::{
    UserId, VenueId,
    account::{Account, Command, Role},
    mail::AccountChange,
    venue::Venue,
};
use ticketshow_http::{Body, PathId, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::machinery::{app::App, authority::FreshStaff, signed_in::Person};

/// Venues looked up; a list that is longer is refused.
const VENUES_LOOKED_UP: usize = 100;

/// The new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantedRole {
    #[schema(value_type = schema::Role)]
    role: Role,
    /// Venues that the role is granted for: 1 to 100 ids. Left out, or `all`: every venue. For the roles `manager`, `box_office`,
    /// `door` and `accountant`.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    venues: Option<GrantedVenues>,
}

/// Venues of a role.
#[derive(Deserialize)]
#[serde(untagged)]
enum GrantedVenues {
    Some(BTreeSet<VenueId>),
    All(All),
}

/// The word `all`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum All {
    All,
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
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId(user): PathId<UserId>,
    Body(GrantedRole { role, venues }): Body<GrantedRole>,
) -> Result<(StreamPosition, Json<Person>), Problem> {
    let account = app.routing.account_of(user).await?;
    let before = app.state::<Account>(&account, Freshness::Fresh).await?.state.profile;
    let before = before.ok_or_else(Problem::not_found)?;
    let venues = match venues {
        Some(GrantedVenues::Some(venues)) => Some(venues),
        Some(GrantedVenues::All(All::All)) | None => None,
    };
    check_venues(&app, venues.as_ref()).await?;

    let grant = |role, venues| Command::GrantRole { role, venues, by: caller.user };
    let (command, undo) = (grant(role, venues), grant(before.role, before.venues));
    let executed = app.administer(caller, account, command, undo, AccountChange::Role, trace).await?;

    let profile = executed.answer.as_ref().ok_or_else(Problem::not_found)?;
    let person = app.person(profile).await?;
    Ok((StreamPosition(executed.position), Json(person)))
}

/// Checks that the venues exist.
async fn check_venues(app: &App, venues: Option<&BTreeSet<VenueId>>) -> Result<(), Problem> {
    for (index, venue) in venues.into_iter().flatten().take(VENUES_LOOKED_UP).enumerate() {
        if app.state::<Venue>(venue, Freshness::Cached).await?.state.details.is_none() {
            return Err(Problem::invalid_value(format!("/venues/{index}"), "is no venue"));
        }
    }
    Ok(())
}
