//! `POST /admin/wallets/{user_id}/credits`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Flaws, Money, UserId,
    wallet::{Command, EntryKind, Event, Reference, Wallet},
};
use ticketshow_http::{Administrator, Body, PathId, Problem, RequestIds, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::ExecuteError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, failures::not_executed, past_events::find_event, refusals::key_reused};

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

/// Credits a customer's wallet, once per Idempotency-Key.
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
        schema::NotFound,
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn credit_wallet(
    State(app): State<App>,
    Administrator(caller): Administrator,
    trace: Trace,
    mut ids: RequestIds,
    PathId(customer): PathId<UserId>,
    Body(NewCredit { amount, reason }): Body<NewCredit>,
) -> Result<(StatusCode, StreamPosition, Json<GivenCredit>), Problem> {
    app.check_currency(amount.currency)?;
    let mut flaws = Flaws::default();
    flaws.text(&reason, 200, "/reason");
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    let reason = reason.trim().to_owned();
    app.routing.account_of(customer).await?;

    let key = ids.choose_key(app.edge.new_id);
    let credit = ids.id(caller.user, customer, app.edge.new_id);
    let reference = Reference { kind: EntryKind::Credit, id: credit };
    let command =
        Command::CreditWallet { customer, reference, amount, booking: None, reason: Some(reason.clone()) };
    let metadata = app.sent_by(caller.user, &trace);
    let executed = app.executor.execute(&customer, command, metadata, Wallet::balance_minor).await;
    let executed = executed.map_err(|error| match error {
        error @ ExecuteError::Unavailable(_) => not_executed(error).with("idempotency_key", key),
        error @ (ExecuteError::Refused { .. }
        | ExecuteError::Overloaded { .. }
        | ExecuteError::LogDiverged) => not_executed(error),
    })?;
    // A repeat gets the answer of the first call.
    let balance_minor = if executed.changed {
        executed.answer
    } else {
        let (first_reason, balance_minor) = first_credit(&app, customer, reference).await?;
        if first_reason.as_ref() != Some(&reason) {
            return Err(key_reused());
        }
        balance_minor
    };

    let balance_after = Money { amount_minor: balance_minor, currency: amount.currency };
    let given = GivenCredit { credit_id: credit, user_id: customer.0, amount, reason, balance_after };
    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(given)))
}

/// The reason of an earlier credit and the balance after it.
async fn first_credit(
    app: &App,
    customer: UserId,
    credit: Reference,
) -> Result<(Option<String>, i64), Problem> {
    let first = find_event::<Wallet, _>(app, &customer, |event| {
        let Event::WalletCredited { reference, reason, balance_after_minor, .. } = event else { return None };
        (reference == credit).then_some((reason, balance_after_minor))
    });
    // Otherwise the log replica that answered has not caught up yet.
    first.await?.ok_or_else(Problem::read_model_behind)
}
