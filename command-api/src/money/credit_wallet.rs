//! `POST /admin/wallets/{user_id}/credits`

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Flaws, Money, Policy, UserId, tidy_line,
    wallet::{Command, EntryKind, Event, Reference, Wallet},
};
use ticketshow_http::{Body, Caller, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::{ExecuteError, Freshness};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::App, authority::FreshStaff, failures::not_executed, past_events::find_event, refusals::key_reused,
};

/// A goodwill credit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredit {
    /// More than zero.
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Shown to the customer, 1 to 200 characters.
    #[schema(example = "Goodwill")]
    reason: String,
}

/// A credit that was paid in.
#[derive(Serialize, ToSchema)]
pub struct GivenCredit {
    credit_id: Uuid,
    user_id: Uuid,
    #[schema(value_type = schema::Money)]
    amount: Money,
    reason: String,
    /// Balance after the credit.
    #[schema(value_type = schema::Money)]
    balance_after: Money,
}

/// A credit that waits for the approval of a second administrator.
#[derive(Serialize, ToSchema)]
pub struct ProposedCredit {
    credit_id: Uuid,
    user_id: Uuid,
    #[schema(value_type = schema::Money)]
    amount: Money,
    reason: String,
    #[schema(example = "pending")]
    status: &'static str,
}

/// Credits a customer's wallet, once per Idempotency-Key. Above the ceiling of the installation, or above that of the caller's
/// credits of a day, the credit waits until another administrator approves it (`GET /admin/credits?status=pending`).
///
/// # Errors
///
/// 404 if there is no such account; 422 for invalid values, `wrong-currency`. A 503 whose credit may have been given names
/// the `idempotency_key` to repeat the call with.
#[utoipa::path(
    post,
    path = "/admin/wallets/{user_id}/credits",
    tag = "Administration",
    request_body = NewCredit,
    params(("user_id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = GivenCredit),
        (status = 202, description = "a second administrator has to approve it", body = ProposedCredit),
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn credit_wallet(
    State(app): State<App>,
    FreshStaff(caller): FreshStaff,
    trace: Trace,
    mut ids: RequestIds,
    PathId(customer): PathId<UserId>,
    Body(NewCredit { amount, reason }): Body<NewCredit>,
) -> Result<Response, Problem> {
    app.check_currency(amount.currency)?;
    let mut flaws = Flaws::default();
    flaws.text(&reason, 200, "/reason");
    flaws.unless(
        (1..=Policy::AMOUNT_LARGEST).contains(&amount.amount_minor),
        "/amount/amount_minor",
        format!("must be 1 to {}", Policy::AMOUNT_LARGEST),
    );
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    let reason = tidy_line(&reason);
    app.routing.account_of(customer).await?;

    let key = ids.choose_key(app.edge.new_id);
    let credit = ids.id(caller.user, customer, app.edge.new_id);
    let reference = Reference { kind: EntryKind::Credit, id: credit };
    let wallet = app.state::<Wallet>(&customer, Freshness::Fresh).await?.state;
    let is_large = amount.amount_minor > app.executor.policy().credit_max_minor;
    let is_proposal = is_large
        || wallet.proposal(&reference).is_some()
        || wallet.entry(&reference).is_none() && !may_give(&app, &caller, credit, amount).await;
    let command = if is_proposal {
        Command::ProposeCredit { customer, reference, amount, reason: Some(reason.clone()), by: caller.user }
    } else {
        Command::CreditWallet { customer, reference, amount, booking: None, reason: Some(reason.clone()) }
    };
    let metadata = app.sent_by(caller.user, &trace);
    let executed = app.executor.execute(&customer, command, metadata, Wallet::balance_minor).await;
    let executed = executed.map_err(|error| match error {
        error @ ExecuteError::Unavailable(_) => not_executed(error).with("idempotency_key", key),
        error @ (ExecuteError::Refused { .. }
        | ExecuteError::Overloaded { .. }
        | ExecuteError::LogDiverged) => not_executed(error),
    })?;
    let position = StreamPosition(executed.position);
    if is_proposal {
        let (credit_id, user_id, status) = (credit, customer.0, "pending");
        let proposed = ProposedCredit { credit_id, user_id, amount, reason, status };
        return Ok((StatusCode::ACCEPTED, position, Json(proposed)).into_response());
    }
    // A repeat gets the answer of the first call.
    let given = if executed.changed {
        let balance_after = Money { amount_minor: executed.answer, ..amount };
        GivenCredit { credit_id: credit, user_id: customer.0, amount, reason, balance_after }
    } else {
        let first = first_credit(&app, customer, reference).await?;
        if first.reason != reason {
            return Err(key_reused());
        }
        first
    };
    Ok((StatusCode::CREATED, position, Json(given)).into_response())
}

/// Returns `false` if the caller has given too much today.
async fn may_give(app: &App, caller: &Caller, credit: Uuid, amount: Money) -> bool {
    let (by, now) = (caller.user, app.edge.now());
    app.credits_per_day.admits(&app.database, by, credit, amount.amount_minor, now).await
}

/// A credit that was made before.
///
/// # Errors
///
/// 503 if the log is unreachable, or the replica that answered has not caught up yet.
pub async fn first_credit(app: &App, customer: UserId, credit: Reference) -> Result<GivenCredit, Problem> {
    let first = find_event::<Wallet, _>(app, &customer, 0, |event| {
        let Event::WalletCredited { reference, amount, reason, balance_after_minor, .. } = event else {
            return None;
        };
        let balance_after = Money { amount_minor: balance_after_minor, ..amount };
        let (credit_id, user_id, reason) = (credit.id, customer.0, reason.unwrap_or_default());
        let given = GivenCredit { credit_id, user_id, amount, reason, balance_after };
        (reference == credit).then_some(given)
    });
    first.await?.ok_or_else(Problem::read_model_behind)
}
