//! `POST /me/second-factor`

use axum::{Json, extract::State, http::StatusCode};
use jiff::SignedDuration;
use serde::Serialize;
use ticketshow_domain::account::Account;
use ticketshow_http::{Caller, Problem, schema};
use ticketshow_nats::{
    executor::outcome::Freshness,
    kv::pending::{PendingRequest, Purpose},
};
use utoipa::ToSchema;

use crate::machinery::{app::App, failures::failed};

/// Time to set up an authenticator.
const SET_UP_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// Data to set up an authenticator, and recovery codes in case it is lost. Shown once.
#[derive(Serialize, ToSchema)]
pub struct NewSecondFactor {
    /// In Base32.
    secret: String,
    /// For a QR code.
    otpauth_url: String,
    /// Each signs in once.
    recovery_codes: Vec<String>,
}

/// Offers a second factor. It is demanded once `POST /me/second-factor/confirm` has proved that the authenticator works.
///
/// # Errors
///
/// 403 `confirmation-needed` unless the caller has lately signed in or confirmed; 409 `second-factor-set` if there is one:
/// remove it first.
#[utoipa::path(
    post,
    path = "/me/second-factor",
    tag = "Accounts",
    responses(
        (status = 201, body = NewSecondFactor),
        (status = 403, description = "`confirmation-needed`", body = schema::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second-factor-set`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn begin_second_factor(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, Json<NewSecondFactor>), Problem> {
    let session = app.live_session(&caller).await?;
    app.staff_sessions.check_fresh(&session, app.edge.now())?;
    let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?;
    let profile = seen.state.profile.ok_or_else(Problem::not_found)?;
    if profile.second_factor.is_some() {
        let title = "The account has a second factor already";
        return Err(Problem::new(StatusCode::CONFLICT, "second-factor-set", title));
    }
    let (nonce, expires_at) = ((app.edge.new_id)(), app.edge.now() + SET_UP_LIFE);
    let request = PendingRequest::new(nonce, expires_at, None);
    let pending = app.pending.put(Purpose::SecondFactor, &caller.account, &request).await;
    pending.map_err(|failure| failed(&failure))?;
    let secret = app.edge.second_factors.secret(nonce);
    // Only letters, digits and signs that a URL may hold: see the rules for addresses.
    let label = app.person(&profile).await?.email.replace(['%', '?', '#', '&', '/'], "_");
    let otpauth_url = format!("otpauth://totp/Ticket%20Show:{label}?secret={secret}&issuer=Ticket%20Show");
    let recovery_codes = app.edge.second_factors.recovery_codes(nonce);
    Ok((StatusCode::CREATED, Json(NewSecondFactor { secret, otpauth_url, recovery_codes })))
}
