//! Verification of the second factor at a sign-in or a confirmation.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{
    AccountKey,
    account::{Account, Command, Profile, Refusal, SecondFactor},
    mail::AccountChange,
};
use ticketshow_http::{Problem, ResetToken, Trace};
use ticketshow_nats::executor::outcome::ExecuteError;

use crate::{
    accounts::throttle::Guess,
    machinery::{app::App, failures::not_executed},
};

/// Time to enter the second factor.
const CHALLENGE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// A code that proves that the person has the second factor.
#[derive(Debug)]
pub enum Code {
    /// Six digits of the authenticator.
    Otp(String),
    /// One of the recovery codes.
    Recovery(String),
}

impl Code {
    /// Returns the code of a request, if it has one.
    pub fn of(otp: Option<String>, recovery_code: Option<String>) -> Option<Self> {
        otp.map(Self::Otp).or(recovery_code.map(Self::Recovery))
    }
}

/// Returns `true` if `challenge` shows that the first factor was right a moment ago.
pub fn is_answered(
    app: &App,
    account: &AccountKey,
    profile: &Profile,
    challenge: &str,
    now: Timestamp,
) -> bool {
    let token = ResetToken::read(challenge).filter(|token| token.account == *account);
    token.is_some_and(|token| app.edge.challenges.check(&token, profile.password_hash.as_stored(), now))
}

/// Checks the second factor at a sign-in, if the account has one.
///
/// # Errors
///
/// 401 `second-factor-needed` without a code, `bad-credentials` for a wrong one.
pub async fn check_second_factor(
    app: &App,
    account: &AccountKey,
    profile: &Profile,
    code: Option<Code>,
    (address, headers): (IpAddr, &HeaderMap),
    trace: &Trace,
) -> Result<(), Problem> {
    let Some(factor) = &profile.second_factor else { return Ok(()) };
    let now = app.edge.now();
    let Some(code) = code else {
        let hash = profile.password_hash.as_stored();
        let challenge = app.edge.challenges.issue(account, hash, now + CHALLENGE_LIFE);
        let title = "Please enter a code of your authenticator";
        let needed = Problem::new(StatusCode::UNAUTHORIZED, "second-factor-needed", title);
        return Err(needed.with("challenge", challenge));
    };
    let guess = Guess::at(app, account, address, headers, now).await?;
    if !guess.settle(use_code(app, account, profile, factor, code, trace).await)? {
        let title = "The code is wrong or was used before";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "bad-credentials", title));
    }
    Ok(())
}

/// Uses a code up. Returns `false` if it is wrong or was used before.
///
/// # Errors
///
/// 503 during an outage.
pub async fn use_code(
    app: &App,
    account: &AccountKey,
    profile: &Profile,
    factor: &SecondFactor,
    code: Code,
    trace: &Trace,
) -> Result<bool, Problem> {
    let factors = &app.edge.second_factors;
    let (command, recovered) = match code {
        Code::Otp(otp) => {
            let step = factors.step(factor.nonce, otp.trim(), app.edge.now());
            (step.map(|step| Command::UseOtp { step }), false)
        }
        Code::Recovery(code) => {
            let number = factors.recovery_number(factor.nonce, &code);
            (number.map(|number| Command::UseRecoveryCode { number }), true)
        }
    };
    let Some(command) = command else { return Ok(false) };
    let metadata = app.sent_by(profile.user, trace);
    match app.executor.execute(account, command, metadata, |_: &Account| ()).await {
        Ok(_) => {}
        Err(ExecuteError::Refused { refusal: Refusal::CodeUsed, .. }) => return Ok(false),
        Err(error) => return Err(not_executed(error)),
    }
    if recovered {
        app.report(profile.user, account.clone(), AccountChange::RecoveryCodeUsed, trace.clone());
    }
    Ok(true)
}
