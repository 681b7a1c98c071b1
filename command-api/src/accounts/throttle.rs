//! Limits on guessing passwords. Guesses at one account are counted per network, and those of a browser that has signed in
//! before are counted separately, so that nobody can lock another person out.

use std::net::IpAddr;

use axum::http::HeaderMap;
use jiff::Timestamp;
use ticketshow_domain::{
    AccountKey, Personal, UserId,
    account::{Account, Profile},
};
use ticketshow_http::{AddressLimiter, Limiter, Limiters, Problem, neighbourhood};
use ticketshow_nats::executor::outcome::{AggregateState, Freshness};
use uuid::Uuid;

use crate::{
    accounts::cookies::device_cookie,
    machinery::{app::App, failures::failed},
};

/// Password hash that is checked if there is no account.
const NO_HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Key that guesses are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Guesser {
    /// A browser that has signed in to the account before, or a session.
    Known(AccountKey, Uuid),
    /// A network, for one account.
    Network(AccountKey, IpAddr),
    /// All networks, for one account.
    Anywhere(AccountKey),
}

/// A guess that was counted before the password is checked, so that concurrent guesses count too.
#[must_use]
pub struct Guess<'a> {
    counted: Vec<(&'a Limiter, Guesser)>,
    /// Counted for the guesses at all accounts from an address.
    address: Option<(&'a AddressLimiter, IpAddr)>,
}

impl<'a> Guess<'a> {
    /// Counts a guess at the password of `account`.
    ///
    /// # Errors
    ///
    /// 429 after too many wrong ones, 503 during an outage. Nothing is counted then.
    pub async fn at(
        app: &'a App,
        account: &AccountKey,
        address: IpAddr,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let limiters = &app.edge.limiters;
        if let Some(device) = device_cookie::known(app, headers, account).await? {
            return Self::by(limiters, account, device, now);
        }
        let by_address = &limiters.failed_logins_per_address;
        by_address.take(address, now).map_err(Problem::too_many_requests)?;
        let guess = Self { counted: Vec::new(), address: Some((by_address, address)) };
        guess.counted(
            [
                (
                    &limiters.failed_logins_per_email,
                    Guesser::Network(account.clone(), neighbourhood(address)),
                ),
                (&limiters.failed_logins_per_account, Guesser::Anywhere(account.clone())),
            ],
            now,
        )
    }

    /// Counts a guess by a browser that has signed in before, or by a session.
    ///
    /// # Errors
    ///
    /// 429 after too many wrong ones. Nothing is counted then.
    pub fn by(
        limiters: &'a Limiters,
        account: &AccountKey,
        known: Uuid,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let guesser = Guesser::Known(account.clone(), known);
        let guess = Self { counted: Vec::new(), address: None };
        guess.counted([(&limiters.failed_logins_per_email, guesser)], now)
    }

    fn counted(
        mut self,
        guessers: impl IntoIterator<Item = (&'a Limiter, Guesser)>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        for (limiter, guesser) in guessers {
            if let Err(wait) = limiter.take(&guesser, now) {
                self.forget();
                return Err(Problem::too_many_requests(wait));
            }
            self.counted.push((limiter, guesser));
        }
        Ok(self)
    }

    /// Returns the account and the position of its last commit if the password is right. Only a wrong one stays counted, not
    /// one that could not be checked.
    ///
    /// # Errors
    ///
    /// 503 during an outage, or if too many passwords are being checked.
    pub async fn check(
        self,
        app: &App,
        account: &AccountKey,
        password: String,
    ) -> Result<Option<(Profile, u64)>, Problem> {
        let checked = check(app, account, password).await;
        if !matches!(checked, Ok(None)) {
            self.forget();
        }
        checked
    }

    /// Does not count a guess unless it was wrong.
    pub fn settle(self, right: Result<bool, Problem>) -> Result<bool, Problem> {
        if !matches!(right, Ok(false)) {
            self.forget();
        }
        right
    }

    fn forget(self) {
        for (limiter, guesser) in self.counted {
            limiter.give_back(&guesser);
        }
        if let Some((limiter, address)) = self.address {
            limiter.give_back(address);
        }
    }
}

/// Forgets the wrong passwords of a person who has proved to own the account, from this network.
pub fn forgive(limiters: &Limiters, account: &AccountKey, address: IpAddr) {
    let network = Guesser::Network(account.clone(), neighbourhood(address));
    limiters.failed_logins_per_email.clear(&network);
    limiters.failed_logins_per_account.clear(Guesser::Anywhere(account.clone()));
}

async fn check(app: &App, account: &AccountKey, password: String) -> Result<Option<(Profile, u64)>, Problem> {
    let AggregateState { state: Account { profile, .. }, position, .. } =
        app.state(account, Freshness::Fresh).await?;
    // The lookup is also made if there is no account, because its duration would reveal that.
    let nobody = || Personal::sealed(UserId(Uuid::nil()), NO_HASH);
    let hash = profile.as_ref().map_or_else(nobody, |profile| profile.password_hash.clone());
    let hash = app.persons.unseal(&hash).await.map_err(|failure| failed(&failure))?;
    let matches = app.passwords.check(password, hash.as_deref()).await?;
    Ok(profile.filter(|_| matches).map(|profile| (profile, position)))
}
