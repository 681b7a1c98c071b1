//! `PATCH /me`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Money,
    account::{Account, Command},
    wallet::Wallet,
};
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::machinery::{app::App, signed_in::Person};

/// The fields to change. Omitted fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedProfile {
    /// 1 to 100 characters.
    name: Option<String>,
    /// 1 to 100 characters; an empty string clears it.
    city: Option<String>,
}

/// The caller's profile after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedProfile {
    #[serde(flatten)]
    person: Person,
    #[schema(value_type = schema::Money)]
    wallet_balance: Money,
}

/// Updates the caller's name or city.
///
/// # Errors
///
/// 422 for invalid values.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "Accounts",
    request_body = ChangedProfile,
    responses((status = 200, body = UpdatedProfile), schema::AnyCall, schema::SignedInCall),
    security(("bearer" = []))
)]
pub async fn update_profile(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    Body(ChangedProfile { name, city }): Body<ChangedProfile>,
) -> Result<(StreamPosition, Json<UpdatedProfile>), Problem> {
    caller.take(&app.edge.limiters.profile_changes_per_user, app.edge.now())?;
    let metadata = app.sent_by(caller.user, &trace);
    let person = |account: &Account| account.profile.as_ref().map(Person::from);
    let command = Command::UpdateProfile { name, city };
    let executed = app.execute(&caller.account, command, metadata, person).await?;

    let person = executed.answer.ok_or_else(Problem::not_found)?;
    let wallet = app.state::<Wallet>(&caller.user, Freshness::Fresh).await?;
    let amount_minor = wallet.state.balance_minor();
    let wallet_balance = Money { amount_minor, currency: app.currency };
    let position = executed.position.max(wallet.position);
    Ok((StreamPosition(position), Json(UpdatedProfile { person, wallet_balance })))
}
