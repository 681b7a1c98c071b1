//! `PATCH /me`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Language, Money, Personal, UserId,
    account::{Account, Command, flaws_of_names},
    tidy, tidy_line,
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
    /// Language of mails and tickets.
    #[schema(value_type = Option<schema::Language>)]
    language: Option<Language>,
    /// Sales of the day before by mail each morning, for roles that include them.
    sales_mail: Option<bool>,
}

/// The caller's profile after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedProfile {
    #[serde(flatten)]
    person: Person,
    #[schema(value_type = schema::Money)]
    wallet_balance: Money,
}

/// Checks the new values and seals those that differ from the current ones.
async fn changes(
    app: &App,
    user: UserId,
    before: &Person,
    name: Option<String>,
    city: Option<String>,
) -> Result<Command, Problem> {
    let name = name.map(|name| tidy_line(&name)).filter(|name| *name != before.name);
    let city = city.map(|city| tidy(&city)).filter(|city| *city != before.city);
    let flaws = flaws_of_names(name.as_deref(), city.as_ref().and_then(Option::as_deref));
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    let name = match name {
        Some(name) => Some(app.seal(user, &name).await?),
        None => None,
    };
    let city = match city {
        Some(Some(city)) => Some(app.seal(user, &city).await?),
        Some(None) => Some(Personal::plain("")),
        None => None,
    };
    Ok(Command::UpdateProfile { name, city })
}

/// Updates the caller's name, city, language or wish for the mail about sales.
///
/// # Errors
///
/// 422 for invalid values; 409 `no-sales` if the caller's role does not include sales.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "Accounts",
    request_body = ChangedProfile,
    responses(
        (status = 200, body = UpdatedProfile),
        (
            status = 409,
            description = "`no-sales`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall
    ),
    security(("bearer" = []))
)]
pub async fn update_profile(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    Body(ChangedProfile { name, city, language, sales_mail }): Body<ChangedProfile>,
) -> Result<(StreamPosition, Json<UpdatedProfile>), Problem> {
    caller.take(&app.edge.limiters.profile_changes_per_user, app.edge.now())?;
    let metadata = || app.sent_by(caller.user, &trace);
    let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?.state.profile;
    let before = seen.filter(|profile| profile.user == caller.user).ok_or_else(Problem::not_found)?;
    let before = app.person(&before).await?;
    let command = changes(&app, caller.user, &before, name, city).await?;
    let profile = |account: &Account| account.profile.clone();
    let mut executed = app.execute(&caller.account, command, metadata(), profile).await?;
    let language = language.map(|language| Command::ChooseLanguage { language });
    let sales_mail = sales_mail.map(|wanted| Command::ChooseSalesMail { wanted });
    for command in language.into_iter().chain(sales_mail) {
        executed = app.execute(&caller.account, command, metadata(), profile).await?;
    }

    let person = app.person(&executed.answer.ok_or_else(Problem::not_found)?).await?;
    let wallet = app.state::<Wallet>(&caller.user, Freshness::Fresh).await?;
    let amount_minor = wallet.state.balance_minor();
    let wallet_balance = Money { amount_minor, currency: app.currency };
    let position = executed.position.max(wallet.position);
    Ok((StreamPosition(position), Json(UpdatedProfile { person, wallet_balance })))
}
