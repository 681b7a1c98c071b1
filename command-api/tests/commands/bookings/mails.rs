//! Mails on request, and resetting a password by mail. Commands only queue mails; nothing is sent here.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use ticketshow_domain::{UserId, account::Account, mail::MailKind};
use ticketshow_http::{Limits, Quota, RESET_SECONDS};
use ticketshow_nats::{
    clock,
    consumers::{
        mail::{MailEntry, MailFilter},
        mails::Mails,
    },
    executor::outcome::Freshness,
};
use ticketshow_tests::eventually;

use crate::{
    bookings::payments::{Saga, hold, pay},
    fixture::{Fixture, PASSWORD, Person},
};

pub async fn wanted(fixture: &Fixture, recipient: UserId) -> Vec<MailEntry> {
    let filter = MailFilter { recipient: Some(recipient), ..MailFilter::default() };
    let listed = Mails::new(&fixture.connection).list(filter, None, 10).await.unwrap();
    listed.into_iter().map(|listed| listed.entry).collect()
}

async fn token(fixture: &Fixture, person: &Person, left: SignedDuration) -> String {
    let account = fixture.edge.keys.account(&person.email);
    let seen = fixture.executor.state::<Account>(&account, Freshness::Fresh).await.unwrap();
    let hash = seen.state.profile.unwrap().password_hash;
    fixture.edge.reset_tokens.issue(&account, hash.as_stored(), clock::now() + left)
}

/// A token to choose a new password now.
pub async fn reset_token(fixture: &Fixture, person: &Person) -> String {
    token(fixture, person, SignedDuration::from_mins(30)).await
}

pub async fn confirmed(fixture: &Fixture, person: &Person) -> String {
    let booking = hold(fixture, person).await;
    confirm(fixture, person, &booking).await;
    booking
}

async fn confirm(fixture: &Fixture, person: &Person, booking: &str) {
    let _saga = Saga::run(fixture, person).await;
    fixture.credit(person, 100_000).await;
    pay(fixture, person, booking).gives(200).await;
}

#[tokio::test]
async fn known_and_unknown_emails_get_the_same_answer_and_only_known_ones_a_mail() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    for email in [ada.email.to_uppercase(), format!("nobody-{}@example.org", clock::new_id())] {
        let answer = fixture.post("/auth/forgotten").json(json!({ "email": email })).gives(202).await;
        assert_eq!(answer.body, serde_json::Value::Null);
    }
    let mails = eventually("the mail to be wanted", async || {
        let mails = wanted(&fixture, ada.user).await;
        (!mails.is_empty()).then_some(mails)
    })
    .await;
    let [MailEntry { mail, .. }] = &mails[..] else { panic!("{mails:?}") };
    let MailKind::PasswordReset { account, expires_at } = &mail.matter else { panic!("{mail:?}") };
    assert_eq!(*account, fixture.edge.keys.account(&ada.email));
    // The link expires so long after the request, which is a moment before the mail is queued.
    let lasts = expires_at.duration_since(mail.wanted_at).as_secs();
    assert!((RESET_SECONDS - 10..=RESET_SECONDS).contains(&lasts), "{lasts}");
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_and_all_sessions_end() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let cookie = fixture.log_in(&ada.email).await.cookie();
    let token = token(&fixture, &ada, SignedDuration::from_mins(30)).await;
    let reset = |password: &str| {
        fixture.post("/auth/reset").json(json!({ "token": token, "new_password": password }))
    };
    for refused in ["short", "iloveyou"] {
        assert_eq!(reset(refused).send().await.body["errors"][0]["pointer"], "/new_password");
    }
    assert!(reset("another horse").gives(204).await.position() > 0);

    let log_in = async |password: &str| {
        let body = json!({ "email": ada.email, "password": password });
        fixture.post("/auth/login").json(body).send().await.status
    };
    assert_eq!(
        (log_in(PASSWORD).await, log_in("another horse").await),
        (401.try_into().unwrap(), 200.try_into().unwrap())
    );
    fixture.post("/auth/refresh").header("cookie", &cookie).gives(401).await;
    let spent = reset("a third horse").send().await;
    assert_eq!((spent.outcome(), &spent.body["errors"][0]["pointer"]), ((422, "invalid"), &json!("/token")));
}

#[tokio::test]
async fn of_resets_with_one_link_at_once_one_wins() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let token = token(&fixture, &ada, SignedDuration::from_mins(30)).await;
    let reset = |number: usize| {
        let body = json!({ "token": token, "new_password": format!("horse number {number}") });
        fixture.post("/auth/reset").json(body).send()
    };
    let answers = futures_util::future::join_all((0..6).map(reset)).await;
    let won = answers.iter().filter(|answer| answer.outcome() == (204, "")).count();
    let lost = answers.iter().filter(|answer| answer.outcome() == (422, "invalid")).count();
    assert_eq!((won, lost), (1, 5), "{answers:?}");
}

#[tokio::test]
async fn a_change_that_checked_the_old_password_does_not_undo_a_reset() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let token = token(&fixture, &ada, SignedDuration::from_mins(30)).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "the thief's horse" });
    let reset = json!({ "token": token, "new_password": "the owner's horse" });
    let (change, reset) = tokio::join!(
        fixture.post("/auth/password").token(&ada.token).json(change).send(),
        fixture.post("/auth/reset").json(reset).send(),
    );
    let won = [change, reset].iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn an_expired_or_forged_token_is_refused() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let over = token(&fixture, &ada, SignedDuration::ZERO).await;
    for token in [&over, "", "nonsense", &format!("{}.9999999999.00", fixture.edge.keys.account("x"))] {
        let body = json!({ "token": token, "new_password": "another horse" });
        assert_eq!(
            fixture.post("/auth/reset").json(body).send().await.outcome(),
            (422, "invalid"),
            "{token}"
        );
    }
    fixture.log_in(&ada.email).await;
}

#[tokio::test]
async fn the_owner_can_have_the_confirmation_mailed_again_a_few_times() {
    let limits = Limits { mails_per_booking: "2/1h".parse::<Quota>().unwrap(), ..Limits::OFF };
    let fixture = Fixture::open_with(&limits).await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let held = hold(&fixture, &ada).await;
    let mail =
        |booking: &str, who: &Person| fixture.post(&format!("/bookings/{booking}/mail")).token(&who.token);
    assert_eq!(mail(&held, &ada).send().await.outcome(), (409, "not-confirmed"));

    let booking = confirmed(&fixture, &ada).await;
    assert_eq!(mail(&booking, &bob).send().await.outcome(), (404, "not-found"));
    mail(&booking, &ada).key("k").gives(202).await;
    mail(&booking, &ada).key("k").gives(202).await;
    assert_eq!(mail(&booking, &ada).send().await.outcome(), (429, "too-many-requests"));
    let mails = wanted(&fixture, ada.user).await;
    let [MailEntry { mail, .. }] = &mails[..] else { panic!("a repeat is the same mail: {mails:?}") };
    assert_eq!(mail.matter, MailKind::BookingConfirmed { booking: booking.parse().unwrap() });
}

#[tokio::test]
async fn a_customer_has_a_few_mails_sent_about_all_bookings_together() {
    let fixture =
        Fixture::open_with(&Limits { mails_per_user: "1/1h".parse().unwrap(), ..Limits::OFF }).await;
    let ada = fixture.customer().await;
    let (first, second) = (confirmed(&fixture, &ada).await, confirmed(&fixture, &ada).await);
    let mail = |booking: &str| fixture.post(&format!("/bookings/{booking}/mail")).token(&ada.token);
    mail(&first).gives(202).await;
    assert_eq!(mail(&second).send().await.outcome(), (429, "too-many-requests"));
}

#[tokio::test]
async fn a_booking_made_at_another_replica_can_be_mailed_again() {
    let fixture = Fixture::open().await;
    let (ada, bob) = (fixture.customer().await, fixture.customer().await);
    let (replica, screening) = (fixture.replica().await, fixture.screening().await);
    // From now on this replica has the screening in memory, as it is before the other booking.
    replica.reserve(&bob, screening, &["A-1"]).gives(201).await;
    let mail = |booking: &str| replica.post(&format!("/bookings/{booking}/mail")).token(&ada.token);

    let booking = fixture.reserve(&ada, screening, &["A-2"]).gives(201).await.id("booking_id");
    fixture.project_booking(booking.parse().unwrap(), screening, ada.user).await;
    fixture.project_position().await;
    assert_eq!(mail(&booking).send().await.outcome(), (409, "not-confirmed"));
    confirm(&fixture, &ada, &booking).await;
    mail(&booking).gives(202).await;
}

#[tokio::test]
async fn an_administrator_resends_a_mail_as_a_new_mail() {
    let fixture = Fixture::open().await;
    let ada = fixture.customer().await;
    let booking = confirmed(&fixture, &ada).await;
    fixture.post(&format!("/bookings/{booking}/mail")).token(&ada.token).gives(202).await;
    let first = wanted(&fixture, ada.user).await.remove(0).mail;

    let path = format!("/admin/mails/{}/resend", first.id);
    assert_eq!(fixture.post(&path).token(&ada.token).send().await.outcome(), (403, "forbidden"));
    let resent = fixture.ask(&path).gives(202).await;
    let again = wanted(&fixture, ada.user).await.remove(0).mail;
    assert_eq!(resent.id("mail_id"), again.id.to_string());
    assert_eq!((again.repeats, again.matter), (Some(first.id), first.matter));
    let unknown = format!("/admin/mails/{}/resend", clock::new_id());
    assert_eq!(fixture.ask(&unknown).send().await.outcome(), (404, "not-found"));
    assert_eq!(
        fixture.call(Method::POST, "/admin/mails/x/resend").token(&fixture.admin).send().await.outcome(),
        (404, "not-found")
    );
}
