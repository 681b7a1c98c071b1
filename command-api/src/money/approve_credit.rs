//! `POST /admin/wallets/{user_id}/credits/{credit_id}/approval`

use axum::{Json, extract::State, http::StatusCode};
use ticketshow_domain::{
    UserId,
    wallet::{Command, EntryKind, Reference, Wallet},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};
use uuid::Uuid;

use crate::{
    machinery::{app::App, authority::FreshStaff},
    money::credit_wallet::{GivenCredit, first_credit},
};

/// Approves a credit that another administrator proposed, and makes it.
///
/// # Errors
///
/// 404 if there is no such proposal; 409 `own-proposal`.
#[utoipa::path(
    post,
    path = "/admin/wallets/{user_id}/credits/{credit_id}/approval",
    tag = "Administration",
    params(("user_id" = Uuid, Path), ("credit_id" = Uuid, Path)),
    responses(
        (status = 201, body = GivenCredit),
        schema::NotFound,
        (
            status = 409,
            description = "`own-proposal`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn approve_credit(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    PathId((customer, credit)): PathId<(UserId, Uuid)>,
) -> Result<(StatusCode, StreamPosition, Json<GivenCredit>), Problem> {
    let reference = Reference { kind: EntryKind::Credit, id: credit };
    let command = Command::ApproveCredit { reference, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Wallet>(&customer, command, metadata).await?;
    let given = first_credit(&app, customer, reference).await?;
    Ok((StatusCode::CREATED, position, Json(given)))
}
