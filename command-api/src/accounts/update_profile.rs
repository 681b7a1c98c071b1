//! `PATCH /me`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Context, Decider, Language, Money, Personal, UserId,
    account::{Account, Command, flaws_of_names},
    tidy, tidy_line,
    wallet::Wallet,
};
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::executor::outcome::Freshness;
use utoipa::ToSchema;

use crate::machinery::{app::App, refusals::Refuse, signed_in::Person};

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
    /// `false` turns the reminders of screenings off.
    reminders: Option<bool>,
}

/// The caller's profile after the change.
#[derive(Serialize, ToSchema)]
pub struct UpdatedProfile {
    #[serde(flatten)]
    person: Person,
    #[schema(value_type = schema::Money)]
    wallet_balance: Money,
    /// True if the person gets reminders by mail.
    reminders: bool,
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

/// Updates the caller's name, city, language, reminders or wish for the mail about sales.
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
    Body(ChangedProfile { name, city, language, sales_mail, reminders }): Body<ChangedProfile>,
) -> Result<(StreamPosition, Json<UpdatedProfile>), Problem> {
    caller.take(&app.edge.limiters.profile_changes_per_user, app.edge.now())?;
    let metadata = || app.sent_by(caller.user, &trace);
    let account = app.state::<Account>(&caller.account, Freshness::Fresh).await?.state;
    let sales_mail = sales_mail.map(|wanted| Command::ChooseSalesMail { wanted });
    let seen = account.profile.as_ref().filter(|profile| profile.user == caller.user);
    let before = app.person(seen.ok_or_else(Problem::not_found)?).await?;
    // First, because it is the only command that the role may forbid.
    if let Some(command) = &sales_mail {
        let context = Context { now: app.edge.now(), policy: *app.executor.policy() };
        account.decide(command, &context).map_err(Refuse::problem)?;
    }
    let command = changes(&app, caller.user, &before, name, city).await?;
    let after = |account: &Account| (account.profile.clone(), !account.reminders_off);
    let mut executed = app.execute(&caller.account, command, metadata(), after).await?;
    let language = language.map(|language| Command::ChooseLanguage { language });
    let reminders = reminders.map(|wanted| Command::ChooseReminders { wanted });
    for command in language.into_iter().chain(sales_mail).chain(reminders) {
        executed = app.execute(&caller.account, command, metadata(), after).await?;
    }

    let (profile, reminders) = executed.answer;
    let person = app.person(&profile.ok_or_else(Problem::not_found)?).await?;
    let wallet = app.state::<Wallet>(&caller.user, Freshness::Fresh).await?;
    let amount_minor = wallet.state.balance_minor();
    let wallet_balance = Money { amount_minor, currency: app.currency };
    let position = executed.position.max(wallet.position);
    Ok((StreamPosition(position), Json(UpdatedProfile { person, wallet_balance, reminders })))
}
