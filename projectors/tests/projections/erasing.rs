//! Accounts that are erased, and the next ones of their addresses.

use ticketshow_domain::{
    AccountKey, BookingId, UserId,
    account::{Account, Command, Role},
    booking::{self, Booking},
};
use ticketshow_nats::{key_ring::WrappingKeys, kv::persons::Persons};
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::fixture::Fixture;

fn key() -> AccountKey {
    AccountKey("0123456789abcdef0123456789abcdef".to_owned())
}

async fn register(fixture: &Fixture, persons: &Persons, name: &str) -> UserId {
    let user = UserId(fixture.id());
    let seal = async |text: &str| persons.seal(user, text).await.unwrap();
    let command = Command::RegisterAccount {
        user,
        email: seal("ada@example.org").await,
        name: seal(name).await,
        city: Some(seal("Pune").await),
        password_hash: seal("$argon2id$").await,
        role: Role::Customer,
        fingerprint: None,
    };
    fixture.execute::<Account>(&key(), command).await;
    user
}

async fn rename(fixture: &Fixture, persons: &Persons, user: UserId, name: &str) {
    let name = Some(persons.seal(user, name).await.unwrap());
    fixture.execute::<Account>(&key(), Command::UpdateProfile { name, city: None }).await;
}

async fn erase(fixture: &Fixture, user: UserId) {
    fixture.execute::<Account>(&key(), Command::ErasePersonalData { user }).await;
}

async fn note(fixture: &Fixture, persons: &Persons, customer: UserId, text: &str) -> Uuid {
    let (note, booking) = (fixture.id(), BookingId(fixture.id()));
    let text = persons.seal(customer, text).await.unwrap();
    let (by, fingerprint) = (UserId(fixture.id()), None);
    let command = booking::Command::AddNote { booking, customer, note, text, by, fingerprint };
    fixture.execute::<Booking>(&booking, command).await;
    note
}

/// Notes in the order in which they were written.
async fn notes(fixture: &Fixture) -> Vec<(Uuid, String)> {
    let select = "SELECT note_id, text FROM booking_notes ORDER BY created_at, note_id";
    sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap()
}

/// Users with the contents of their rows.
async fn rows(fixture: &Fixture) -> Vec<(u128, String, String, Option<String>, bool)> {
    let select = "SELECT user_id, email, name, city, erased FROM accounts ORDER BY user_id";
    let rows: Vec<(uuid::Uuid, String, String, Option<String>, bool)> =
        sqlx::query_as(select).fetch_all(&fixture.pool).await.unwrap();
    rows.into_iter()
        .map(|(user, email, name, city, erased)| (user.as_u128(), email, name, city, erased))
        .collect()
}

async fn choose_reminders(fixture: &Fixture, wanted: bool) {
    fixture.execute::<Account>(&key(), Command::ChooseReminders { wanted }).await;
}

async fn reminder_choices(fixture: &Fixture) -> Vec<bool> {
    let select = "SELECT wanted FROM reminder_choices ORDER BY account_key";
    sqlx::query_scalar(select).fetch_all(&fixture.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_about_reminders_belongs_to_the_address_until_its_person_is_erased() {
    let mut fixture = Fixture::build().await;
    fixture.connection = fixture.connection.clone().with_wrapping_keys(WrappingKeys::new(vec![[1; 32]]));
    let persons = Persons::new(&fixture.connection);
    // A buyer at the counter has no account yet.
    choose_reminders(&fixture, false).await;
    let projector = fixture.project();
    fixture.projected().await;
    assert_eq!(reminder_choices(&fixture).await, [false]);
    let user = register(&fixture, &persons, "Ada").await;
    choose_reminders(&fixture, true).await;
    fixture.projected().await;
    assert_eq!(reminder_choices(&fixture).await, [true]);
    erase(&fixture, user).await;
    fixture.projected().await;
    assert!(reminder_choices(&fixture).await.is_empty());
    projector.stop().await;
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
    assert!(reminder_choices(&fixture).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_accounts_of_one_address_all_but_the_last_are_erased_whether_in_one_batch_or_in_many() {
    let mut fixture = Fixture::build().await;
    fixture.connection = fixture.connection.clone().with_wrapping_keys(WrappingKeys::new(vec![[1; 32]]));
    let persons = Persons::new(&fixture.connection);
    let first = register(&fixture, &persons, "Ada").await;
    rename(&fixture, &persons, first, "Ada L.").await;
    let noted = note(&fixture, &persons, first, "Ada rang.").await;
    erase(&fixture, first).await;
    let second = register(&fixture, &persons, "Ada again").await;
    erase(&fixture, second).await;
    let third = register(&fixture, &persons, "Ada once more").await;
    let kept = note(&fixture, &persons, third, "Comes later.").await;
    // All in the first batches of the projector.
    let projector = fixture.project();
    fixture.projected().await;
    let erased = |user: UserId| (user.0.as_u128(), "erased".to_owned(), "erased".to_owned(), None, true);
    let live = |user: UserId, name: &str| {
        (user.0.as_u128(), "ada@example.org".to_owned(), name.to_owned(), Some("Pune".to_owned()), false)
    };
    assert_eq!(rows(&fixture).await, [erased(first), erased(second), live(third, "Ada once more")]);
    let texts = [(noted, "erased"), (kept, "Comes later.")];
    assert_eq!(notes(&fixture).await, texts.map(|(note, text)| (note, text.to_owned())));

    rename(&fixture, &persons, third, "Ada for good").await;
    fixture.projected().await;
    assert_eq!(rows(&fixture).await[2], live(third, "Ada for good"));
    erase(&fixture, third).await;
    fixture.projected().await;
    assert_eq!(rows(&fixture).await, [erased(first), erased(second), erased(third)]);
    assert!(notes(&fixture).await.iter().all(|(_, text)| text == "erased"));

    // A rebuild without the keys gives the same rows.
    for user in [first, second, third] {
        persons.destroy(user).await.unwrap();
    }
    projector.stop().await;
    let stop = CancellationToken::new();
    rebuild(&fixture.pool, &fixture.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
    assert_eq!(rows(&fixture).await, [erased(first), erased(second), erased(third)]);
}
