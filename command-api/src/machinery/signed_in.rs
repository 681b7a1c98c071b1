//! Answer to a sign-in and to the refresh of a session.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use ticketshow_domain::{
    AccountKey, Language, Personal, UserId, VenueId,
    account::{Profile, Role},
};
use ticketshow_http::{Caller, KnownCaller, Problem, TOKEN_SECONDS, schema};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{app::App, failures::failed};

/// An account, as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct Person {
    pub user_id: Uuid,
    pub email: String,
    pub name: String,
    pub city: Option<String>,
    #[schema(value_type = schema::Role)]
    pub role: Role,
    /// Venues that the role is granted for; null for all of them.
    #[schema(value_type = Option<Vec<Uuid>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venues: Option<BTreeSet<VenueId>>,
    /// Language of mails and tickets; null if none was chosen, which is English.
    #[schema(value_type = Option<schema::Language>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Sales come by mail each morning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sales_mail: bool,
}

impl App {
    /// Unseals an account for its owner or an administrator.
    ///
    /// # Errors
    ///
    /// 503 if the key of the person cannot be read.
    pub(crate) async fn person(&self, profile: &Profile) -> Result<Person, Problem> {
        let Profile { user, email, name, city, role, venues, language, sales_mail, .. } = profile;
        let shown = async |text| self.persons.shown(text).await.map_err(|failure| failed(&failure));
        let city = match city {
            Some(city) => Some(shown(city).await?),
            None => None,
        };
        Ok(Person {
            user_id: user.0,
            email: shown(email).await?,
            name: shown(name).await?,
            city,
            role: *role,
            venues: venues.clone(),
            language: *language,
            sales_mail: *sales_mail,
        })
    }

    /// Seals a text about a person with an account.
    ///
    /// # Errors
    ///
    /// 503 if the key of the person cannot be read.
    pub(crate) async fn seal(&self, user: UserId, text: &str) -> Result<Personal, Problem> {
        self.persons.seal(user, text).await.map_err(|failure| failed(&failure))
    }
}

/// An access token and its account.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Lifetime in seconds.
    #[schema(example = 600)]
    expires_in: i64,
    user: Person,
}

/// Refuses to sign in to a disabled account.
///
/// # Errors
///
/// 403 `account-disabled`.
pub fn check_enabled(profile: &Profile) -> Result<(), Problem> {
    match profile.disabled {
        None => Ok(()),
        Some(_) => Err(Problem::new(StatusCode::FORBIDDEN, "account-disabled", "This account is disabled")),
    }
}

/// Digest that binds a session to a password hash, as it is stored, without revealing it.
pub fn password_digest(password_hash: &Personal) -> String {
    BASE64.encode(&Sha256::digest(password_hash.as_stored())[..16])
}

impl SignedIn {
    /// A fresh token for a session.
    ///
    /// # Errors
    ///
    /// 503 if the key of the person cannot be read.
    pub async fn new(
        app: &App,
        account: &AccountKey,
        profile: &Profile,
        session: Uuid,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let Profile { user, role, .. } = *profile;
        KnownCaller { user, role, session }.note();
        let second_factor = profile.second_factor.is_some();
        let caller = Caller { user, account: account.clone(), role, session, second_factor };
        Ok(Self {
            access_token: app.edge.tokens.issue(&caller, now),
            token_type: "Bearer",
            expires_in: TOKEN_SECONDS,
            user: app.person(profile).await?,
        })
    }
}
