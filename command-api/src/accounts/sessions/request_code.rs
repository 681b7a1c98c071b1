//! `POST /auth/code`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use jiff::SignedDuration;
use serde::Deserialize;
use ticketshow_domain::{
    Flaws, UserId,
    account::{Account, note_address},
    mail::MailKind,
};
use ticketshow_http::{Body, ClientAddress, Problem, Trace, accepted_language, normalise_email, schema};
use ticketshow_nats::{
    executor::outcome::Freshness,
    kv::pending::{PendingRequest, Purpose},
};
use utoipa::ToSchema;

use crate::{
    accounts::{cookies::browser_cookie::BrowserMark, mail_quota},
    machinery::app::{App, in_background},
};

/// Time to enter the code. Source: the REST surface.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// The address to send a code to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    #[schema(example = "ada@example.org")]
    email: String,
}

/// Mails a code of six digits to sign in with, valid once, for 10 minutes and five tries, of which this browser has its own. The answer is the same whether or not
/// the address has an account, and whether or not it has reached its limit of mails.
///
/// # Errors
///
/// 422 for an invalid address; 429 after many calls from one network.
#[utoipa::path(
    post,
    path = "/auth/code",
    tag = "Accounts",
    request_body = CodeRequest,
    params((
        "Accept-Language" = Option<String>,
        Header,
        description = "language of the mail, unless the account has chosen one"
    )),
    responses((status = 202, description = "mailed"), schema::AnyCall)
)]
pub async fn request_code(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    trace: Trace,
    Body(CodeRequest { email }): Body<CodeRequest>,
) -> Result<impl IntoResponse, Problem> {
    let email = normalise_email(&email);
    let mut flaws = Flaws::default();
    note_address(&mut flaws, &email);
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))?;
    let now = app.edge.now();
    let mails = &app.edge.limiters.reset_mails_per_address;
    mails.take(address, now).map_err(Problem::too_many_requests)?;
    let account = app.account_of(&email).await?;
    let browser = BrowserMark::of(&headers, &app.edge.origin);
    let mark = browser.set(&headers, &app.edge.origin);
    let accepted = accepted_language(&headers);
    if mail_quota::allows(&app, "code", &account, address, now) {
        in_background("mailing a code", async move {
            let seen = app.executor.state::<Account>(&account, Freshness::Fresh).await?;
            let nonce = (app.edge.new_id)();
            let expires_at = now + CODE_LIFE;
            let request = PendingRequest::new(nonce, expires_at, Some(browser.hash()));
            app.pending.put(Purpose::SignIn, &account, &request).await?;
            let chosen = seen.state.profile.as_ref().and_then(|profile| profile.language);
            let language = chosen.or(accepted);
            let matter = |email| MailKind::SignInCode { account, email, nonce, expires_at, language };
            if let Some(profile) = seen.state.profile {
                let sealed = app.persons.seal(profile.user, &email).await?;
                return app.want_mail(profile.user, matter(sealed), &trace).await;
            }
            let [sealed] = app.persons.seal_for_a_week(UserId(nonce), [&email]).await?;
            app.want_mail_to(&email, UserId(nonce), matter(sealed), &trace).await
        });
    }
    Ok((StatusCode::ACCEPTED, [mark]))
}
