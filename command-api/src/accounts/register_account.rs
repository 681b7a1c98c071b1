//! `POST /auth/register`

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    UserId,
    account::{Account, Command, Role, flaws_of},
};
use ticketshow_http::{
    Body, ClientAddress, Problem, RequestIds, StreamPosition, Trace, normalise_email, schema,
};
use utoipa::ToSchema;

use crate::{
    accounts::password_rules::{Owner, note_flaws},
    machinery::{app::App, signed_in::Person},
};

/// A new account.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Unique, regardless of letter case.
    #[schema(example = "ada@example.org")]
    email: String,
    /// 8 to 128 characters.
    #[serde(skip_serializing)]
    #[schema(min_length = 8, max_length = 128)]
    password: String,
    /// 1 to 100 characters.
    #[schema(example = "Ada")]
    name: String,
    /// City to show listings for, 1 to 100 characters.
    #[schema(example = "Pune")]
    city: Option<String>,
}

/// Registers a customer's account.
///
/// # Errors
///
/// 409 `email-taken`, 422 for invalid values.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "Accounts",
    request_body = Registration,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = Person),
        (status = 409, description = "`email-taken`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
    )
)]
pub async fn register_account(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<Registration>,
) -> Result<(StatusCode, StreamPosition, Json<Person>), Problem> {
    check(&body)?;
    let registrations = &app.edge.limiters.registrations_per_address;
    registrations.take(address, app.edge.now()).map_err(Problem::too_many_requests)?;

    let account = app.edge.keys.account(&body.email);
    let user = UserId(ids.id(&account, &account, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body);
    let Registration { email, password, name, city } = body;
    let email = normalise_email(&email);
    let password_hash = app.passwords.hash(password).await?;
    let role = Role::Customer;
    let (name, city) = (name.trim().to_owned(), tidy(city.as_deref()).map(ToOwned::to_owned));
    // A repeat gets the answer of the first call, whatever happened to the account since.
    let person =
        Person { user_id: user.0, email: email.clone(), name: name.clone(), city: city.clone(), role };
    let command = Command::RegisterAccount { user, email, name, city, password_hash, role, fingerprint };

    let metadata = app.sent_by(user, &trace);
    let executed = app.execute(&account, command, metadata, |_: &Account| ()).await?;

    Ok((StatusCode::CREATED, StreamPosition(executed.position), Json(person)))
}

/// Reports all flaws at once. The account would find most of them too, but only after the password was hashed.
fn check(body: &Registration) -> Result<(), Problem> {
    let Registration { email, password, name, city } = body;
    let mut flaws = flaws_of(&normalise_email(email), name.trim(), tidy(city.as_deref()));
    note_flaws(&mut flaws, password, Owner { email, name }, "/password");
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
}

/// Trims a city. A blank one counts as none.
fn tidy(city: Option<&str>) -> Option<&str> {
    city.map(str::trim).filter(|city| !city.is_empty())
}
