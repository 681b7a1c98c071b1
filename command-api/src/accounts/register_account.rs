//! `POST /auth/register`

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    UserId,
    account::{Account, flaws_of},
    mail::MailKind,
    tidy, tidy_line,
};
use ticketshow_http::{
    Body, ClientAddress, Problem, RequestIds, Trace, accepted_language, normalise_email, schema,
};
use ticketshow_nats::{
    executor::outcome::Freshness,
    kv::pending::{PendingRequest, Purpose, Registration},
};
use utoipa::ToSchema;

use crate::{
    accounts::{
        cookies::browser_cookie::BrowserMark,
        mail_quota,
        passwords::password_rules::{Owner, note_flaws},
    },
    machinery::{
        app::{App, in_background},
        failures::failed,
        refusals::key_reused,
    },
};

/// Time to follow the link in the mail.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Unique, regardless of letter case.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// 8 to 128 characters.
    #[schema(min_length = 8, max_length = 128, write_only)]
    pub password: String,
    /// 1 to 100 characters.
    #[schema(example = "Ada")]
    pub name: String,
    /// City to show listings for, 1 to 100 characters.
    #[schema(example = "Pune")]
    pub city: Option<String>,
}

/// Mails a link and a code that open the account, or a note that the address already has one. The answer is the same
/// in both cases. Its cookie marks the browser: from there the account is opened with this password, without asking
/// for it again.
///
/// # Errors
///
/// 422 for invalid values; 429 after many calls from one network.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "Accounts",
    request_body = NewAccount,
    params(
        ("Idempotency-Key" = Option<String>, Header),
        ("Accept-Language" = Option<String>, Header, description = "language of the mail"),
    ),
    responses((status = 202, description = "mailed"), schema::AnyCall)
)]
pub async fn register_account(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    trace: Trace,
    ids: RequestIds,
    Body(body): Body<NewAccount>,
) -> Result<impl IntoResponse, Problem> {
    body.check()?;
    let (now, limiters) = (app.edge.now(), &app.edge.limiters);
    let registrations = &limiters.registrations_per_address;
    registrations.take(address, now).map_err(Problem::too_many_requests)?;

    let account = app.account_of(&body.email).await?;
    let nonce = ids.id(&account, &account, app.edge.new_id);
    let fingerprint = ids.fingerprint(&app.edge.keys, &body.without_password());
    let NewAccount { email, password, name, city } = body.tidied();
    let browser = BrowserMark::of(&headers, &app.edge.origin);
    let accepted = (StatusCode::ACCEPTED, [browser.set(&headers, &app.edge.origin)]);
    let language = accepted_language(&headers);

    let pending = app.pending.get(Purpose::Registration, &account, now).await;
    let pending = pending.map_err(|failure| failed(&failure))?.filter(|pending| pending.nonce == nonce);
    if let Some(Registration { password_hash, fingerprint: first, .. }) =
        pending.and_then(|pending| pending.registration)
    {
        // The fingerprint leaves the password out: it would be a hash that is fast to guess.
        let hash = app.persons.unseal(&password_hash).await.map_err(|failure| failed(&failure))?;
        let same = first == fingerprint && app.passwords.check(password, hash.as_deref()).await?;
        return if same { Ok(accepted) } else { Err(key_reused()) };
    }

    let password_hash = app.passwords.hash(password).await?;
    let seen = app.state::<Account>(&account, Freshness::Fresh).await?;
    if mail_quota::allows(&app, "registration", &account, address, now) {
        // In the background, because the time it takes would reveal whether the account exists.
        in_background("registering", async move {
            if let Some(profile) = seen.state.profile {
                let matter = MailKind::AccountExists { account };
                return app.want_mail(profile.user, matter, &trace).await;
            }
            let expires_at = now + LINK_LIFE;
            let texts = [&*email, &name, &password_hash, city.as_deref().unwrap_or_default()];
            let sealed = app.persons.seal_for_a_week(UserId(nonce), texts).await?;
            let [sealed_email, name, password_hash, sealed_city] = sealed;
            let city = city.map(|_| sealed_city);
            let registration =
                Some(Registration { email: sealed_email.clone(), name, city, password_hash, fingerprint });
            let request = PendingRequest::new(nonce, expires_at, Some(browser.hash()));
            let request = PendingRequest { registration, ..request };
            app.pending.put(Purpose::Registration, &account, &request).await?;
            let matter =
                MailKind::AddressVerification { account, email: sealed_email, nonce, expires_at, language };
            app.want_mail_to(&email, UserId(nonce), matter, &trace).await
        });
    }
    Ok(accepted)
}

impl NewAccount {
    /// The fields of its fingerprint, which must not become a hash of the password that is fast to guess.
    pub fn without_password(&self) -> impl Serialize {
        (&self.email, &self.name, &self.city)
    }

    /// Reports all flaws at once. The account would find most of them too, but only after the password was hashed.
    pub fn check(&self) -> Result<(), Problem> {
        let Self { email, password, name, city } = self;
        let city = city.as_deref().and_then(tidy);
        let mut flaws = flaws_of(&normalise_email(email), &tidy_line(name), city.as_deref());
        note_flaws(&mut flaws, password, Owner { email, name }, "/password");
        flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
    }

    /// The account in its stored form.
    pub fn tidied(self) -> Self {
        let Self { email, password, name, city } = self;
        let city = city.as_deref().and_then(tidy);
        Self { email: normalise_email(&email), password, name: tidy_line(&name), city }
    }
}
