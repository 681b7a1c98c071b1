//! `POST /admin/accounts`

use axum::{Json, extract::State, http::StatusCode};
use ticketshow_domain::{
    UserId,
    account::{Account, Command, Role},
};
use ticketshow_http::{Body, Problem, RequestIds, StreamPosition, Trace, schema};

use crate::{
    accounts::register_account::NewAccount,
    machinery::{app::App, authority::Staff, signed_in::Person},
};

/// Opens an account for a person whom the administrator knows: its address counts as verified.
///
/// # Errors
///
/// 409 `email-taken`, 422 for invalid values.
#[utoipa::path(
    post,
    path = "/admin/accounts",
    tag = "Administration",
    request_body = NewAccount,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = Person),
        (status = 409, description = "`email-taken`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::AdministratorCall,
    ),
    security(("bearer" = []))
)]
pub async fn open_account(
    State(app): State<App>,
    Staff(caller): Staff,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewAccount>,
) -> Result<(StatusCode, StreamPosition, Json<Person>), Problem> {
    body.check()?;

    let account = app.account_of(&body.email).await?;
    let user = UserId(ids.id(caller.user, &account, app.edge.new_id));
    let fingerprint = ids.fingerprint(&app.edge.keys, &body.without_password());
    let NewAccount { email, password, name, city } = body.tidied();
    let password_hash = app.passwords.hash(password).await?;
    let role = Role::Customer;
    // A repeat gets the answer of the first call, however the account has changed since.
    let person = Person {
        user_id: user.0,
        email: email.clone(),
        name: name.clone(),
        city: city.clone(),
        role,
        venues: None,
        language: None,
        sales_mail: false,
    };
    let city = match &city {
        Some(city) => Some(app.seal(user, city).await?),
        None => None,
    };
    let command = Command::RegisterAccount {
        user,
        email: app.seal(user, &email).await?,
        name: app.seal(user, &name).await?,
        city,
        password_hash: app.seal(user, &password_hash).await?,
        role,
        fingerprint,
    };

    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Account>(&account, command, metadata).await?;

    Ok((StatusCode::CREATED, position, Json(person)))
}
