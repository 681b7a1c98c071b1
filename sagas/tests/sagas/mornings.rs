//! The mail about the sales of a day, to those who want it and may read them.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use ticketshow_domain::{
    AccountKey, UserId, VenueId,
    account::{Account, Command, Role},
};
use ticketshow_nats::clock::now;
use uuid::Uuid;

use crate::{
    fixture::Fixture,
    mails::start,
    post::{Post, Taken},
};

/// A zone in which it is about noon, so that yesterday's sales are due.
fn zone_of_noon(now: Timestamp) -> String {
    let ahead = 12 - now.to_zoned(TimeZone::UTC).hour();
    // The names of these zones count westwards.
    if ahead == 0 { "Etc/GMT".to_owned() } else { format!("Etc/GMT{:+}", -ahead) }
}

/// A person whose account wants the mail, as the log and the read models know it.
async fn reader(fixture: &Fixture, email: &str, role: Role, venue: VenueId) -> UserId {
    let user = fixture.customer(email).await;
    let key = key_of(user);
    let (venues, by) = (Some(BTreeSet::from([venue])), UserId(fixture.id()));
    fixture.execute::<Account>(&key, Command::GrantRole { role, venues, by }).await;
    fixture.execute::<Account>(&key, Command::ChooseSalesMail { wanted: true }).await;
    let insert =
        "INSERT INTO read.accounts (user_id, account_key, email, name, role, created_at, venues, sales_mail)
                  VALUES ($1, $2, 'e', 'n', 'accountant', now(), jsonb_build_array($3::text), true)";
    let insert = sqlx::query(insert).bind(user.0).bind(key.0.clone()).bind(venue.0.to_string());
    insert.execute(&fixture.pool).await.unwrap();
    user
}

/// The key that the fixture gives an account.
fn key_of(user: UserId) -> AccountKey {
    AccountKey(format!("{:032x}", user.0.as_u128()))
}

/// The lines of a mail, without the breaks of its encoding.
fn text(mail: &Taken) -> String {
    mail.source.replace("=\n", "")
}

async fn sell(fixture: &Fixture, day: Date, show: Uuid, venue: VenueId, seats: i64) {
    let insert = "INSERT INTO read.sales VALUES ('day', $1, $2, $3, 'INR', 1, $4, $4 * 25000, 0, 0, 0)";
    let insert = sqlx::query(insert).bind(day.to_sqlx()).bind(show).bind(venue.0).bind(seats);
    insert.execute(&fixture.pool).await.unwrap();
}

#[tokio::test]
async fn sales_are_mailed_once_per_morning_to_those_who_want_them_and_may_read_them() {
    let fixture = Fixture::build().await;
    fixture.lay_out_read_models().await;
    let zone = zone_of_noon(now());
    let today = now().in_tz(&zone).unwrap().date();
    let (yesterday, before) = (today.saturating_sub(1.day()), today.saturating_sub(8.days()));
    let (show, venue, other) = (fixture.id(), VenueId(fixture.id()), VenueId(fixture.id()));
    for one in [venue, other] {
        let insert = "INSERT INTO read.venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position)
                      VALUES ($1, 'Rex', 'Lake Road', 'Mumbai', $2, '00:00', '00:00', 'active', now(), 1)";
        sqlx::query(insert).bind(one.0).bind(&zone).execute(&fixture.pool).await.unwrap();
    }
    let insert = "INSERT INTO read.shows (show_id, title, description, duration_minutes, language, genres, status, created_at, position)
                  VALUES ($1, 'Monsoon', '', 90, 'Hindi', '{}', 'active', now(), 1)";
    sqlx::query(insert).bind(show).execute(&fixture.pool).await.unwrap();
    let insert = "
        INSERT INTO read.screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
            starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status, position)
        VALUES ($1, $1, 'Fog', $2, 'Rex', $1, 'One', 'C', 'UTC', now() + '1 day', now() + '1 day', '2026-01-01', now(), '{}', 'INR',
            $3, $4, 'active', 1)";
    for (capacity, available) in [(100, 91), (200, 180)] {
        let insert = sqlx::query(insert).bind(fixture.id()).bind(venue.0).bind(capacity).bind(available);
        insert.execute(&fixture.pool).await.unwrap();
    }
    sell(&fixture, yesterday, show, venue, 12).await;
    sell(&fixture, before, show, venue, 8).await;
    sell(&fixture, yesterday, show, other, 4_321).await;
    // The coarser sum of the show at all venues, which a report of all reads.
    sell(&fixture, yesterday, show, VenueId(Uuid::nil()), 4_333).await;

    reader(&fixture, "ada@example.org", Role::Accountant, venue).await;
    // The read models do not know yet that these may not read sales any more.
    let bob = reader(&fixture, "bob@example.org", Role::Manager, venue).await;
    let (role, venues, by) = (Role::Door, None, UserId(fixture.id()));
    fixture.execute::<Account>(&key_of(bob), Command::GrantRole { role, venues, by }).await;
    let carol = reader(&fixture, "carol@example.org", Role::Manager, venue).await;
    let disable = Command::DisableAccount { reason: "left".into(), by };
    fixture.execute::<Account>(&key_of(carol), disable).await;

    let post = Post::open().await;
    let sagas = start(&fixture, &post).await;
    let mail = post.has(1).await.remove(0);
    assert_eq!(mail.to, "ada@example.org");
    for shown in [
        "12 seats were sold for",
        "3,000.00",
        "(a week before: 8)",
        "Monsoon: 12 seats",
        "91 of 100 seats are free",
    ] {
        assert!(text(&mail).contains(shown), "{shown}: {}", mail.source);
    }
    assert!(!text(&mail).contains("4321") && !text(&mail).contains("of 200"), "{}", mail.source);
    sagas.kill().await;

    // Whatever was queued before the crash is not queued again.
    reader(&fixture, "dan@example.org", Role::Accountant, other).await;
    let sagas = start(&fixture, &post).await;
    let taken = post.has(2).await;
    let readers: Vec<&str> = taken.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(readers, ["ada@example.org", "dan@example.org"]);
    assert!(text(&taken[1]).contains("4321 seats were sold for"), "{}", taken[1].source);
    sagas.stop().await;
    assert_eq!(post.taken().len(), 2);
}
