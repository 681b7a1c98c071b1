//! `DELETE /me`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use ticketshow_domain::{
    account::{Account, Command, Profile},
    screening::{self, Screening},
};
use ticketshow_http::{Body, Caller, Problem, StreamPosition, Trace, schema};
use ticketshow_nats::{
    executor::outcome::Freshness, failure::Failure, kv::pending::Purpose, log::metadata::Metadata,
};
use utoipa::ToSchema;

use crate::{
    accounts::{
        second_factor::second_step::{Code, use_code},
        sessions::log_in_with_code::take_code,
        throttle::Guess,
    },
    machinery::{
        app::{App, carry_through},
        failures::failed,
    },
};

/// Proof that the caller owns the account: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Farewell {
    password: Option<String>,
    /// Six digits of the authenticator.
    #[schema(example = "012345")]
    otp: Option<String>,
    /// Six digits that `POST /auth/code` mailed, for an account without a second factor.
    #[schema(example = "012345")]
    code: Option<String>,
}

/// Erases the caller: the account ends, all browsers are signed out, and the key that opens the e-mail address, the name, the city
/// and everything else that is personal is destroyed. Bookings, payments and the wallet stay in the books under the id of the
/// account. Money left in the wallet can no longer be spent; the last mail says how much it is. Unpaid holds lapse. The address may
/// be registered again. Repeating the call changes nothing.
///
/// # Errors
///
/// 409 `open-bookings` while the caller has paid bookings of screenings that are not over, or payments under way; 409
/// `administrator` until another administrator has taken the role. 422 for a wrong password or code; 429 after repeated failures.
#[utoipa::path(
    delete,
    path = "/me",
    tag = "Accounts",
    request_body = Farewell,
    responses(
        (status = 202, description = "erased; copies in other services follow within moments"),
        (status = 409, description = "`open-bookings` or `administrator`", body = schema::Problem, content_type = "application/problem+json"),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn erase_account(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    trace: Trace,
    Body(proof): Body<Farewell>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let seen = app.state::<Account>(&caller.account, Freshness::Fresh).await?;
    if seen.state.erased.contains(&caller.user) {
        return Ok((StatusCode::ACCEPTED, StreamPosition(seen.position)));
    }
    let profile = seen.state.profile.filter(|profile| profile.user == caller.user);
    let profile = profile.ok_or_else(Problem::not_found)?;
    check(&app, &caller, &profile, proof, (&headers, &trace)).await?;
    let open = app.routing.open_bookings(caller.user, app.edge.now()).await?;
    if open > 0 {
        let title = "Please wait until your bookings and payments are over, or cancel them";
        return Err(Problem::new(StatusCode::CONFLICT, "open-bookings", title).with("open", open));
    }

    let position = carry_through(async move {
        let metadata = app.sent_by(caller.user, &trace);
        leave_waiting_lists(&app, &caller, &metadata).await?;
        let command = Command::ErasePersonalData { user: caller.user };
        let executed = app.execute(&caller.account, command, metadata, |_: &Account| ()).await?;
        // The saga that queues the last mail destroys the key.
        sign_out(&app, &caller).await.map_err(|failure| failed(&failure))?;
        Ok(executed.position)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, StreamPosition(position)))
}

/// Takes the caller off all waiting lists, so that no seats are held for an erased person.
async fn leave_waiting_lists(app: &App, caller: &Caller, metadata: &Metadata) -> Result<(), Problem> {
    for (place, screening) in app.routing.waiting_places(caller.user, metadata.time).await? {
        let command = screening::Command::LeaveWaitingList { place };
        app.execute(&screening, command, metadata.clone(), |_: &Screening| ()).await?;
    }
    Ok(())
}

/// Ends the sessions of an account, and deletes its pending requests.
async fn sign_out(app: &App, caller: &Caller) -> Result<(), Failure> {
    for purpose in [Purpose::Registration, Purpose::SignIn, Purpose::SecondFactor] {
        app.pending.remove(purpose, &caller.account).await?;
    }
    app.end_sessions(&caller.account, None).await
}

/// Checks the proof as at a confirmation of the session. A mailed code counts too, because an account that was opened
/// with one has a random password.
async fn check(
    app: &App,
    caller: &Caller,
    profile: &Profile,
    proof: Farewell,
    (headers, trace): (&HeaderMap, &Trace),
) -> Result<(), Problem> {
    let Farewell { password, otp, code } = proof;
    let guess = Guess::by(&app.edge.limiters, &caller.account, caller.session, app.edge.now())?;
    match (otp, code, &profile.second_factor) {
        (Some(otp), _, factor) => {
            let wrong = || Problem::invalid_value("/otp", "is not a code of your second factor");
            let factor = factor.as_ref().ok_or_else(wrong)?;
            let right = use_code(app, &caller.account, profile, factor, Code::Otp(otp), trace).await;
            guess.settle(right)?.then_some(()).ok_or_else(wrong)
        }
        (None, Some(code), None) => {
            // Each code has tries of its own.
            guess.settle(Ok(true))?;
            let wrong = || Problem::invalid_value("/code", "is not the code of the mail");
            let taken = take_code(app, &caller.account, headers, &code).await.map(drop);
            taken.map_err(
                |problem| {
                    if problem.status() == StatusCode::UNAUTHORIZED { wrong() } else { problem }
                },
            )
        }
        (None, Some(_), Some(_)) => {
            Err(Problem::invalid_value("/code", "needs a code of your second factor in its place, as otp"))
        }
        (None, None, _) => {
            let wrong = || Problem::invalid_value("/password", "is not the password of this account");
            let checked = guess.check(app, &caller.account, password.unwrap_or_default()).await?;
            checked.map(drop).ok_or_else(wrong)
        }
    }
}
