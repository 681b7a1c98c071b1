//! Timers of drafts: which are armed again after they were lost, and how often; and the handling of a draft that
//! replaces another one.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};
use ticketshow_domain::{
    Decider, Policy,
    examples::{offer, one_row},
    promise::Promise,
    screen::{OpeningHours, ReplacedDraft, WantedDraft},
    show::{self, ShowDetails},
    venue::{self, VenueDetails},
};
use ticketshow_nats::{
    clock::{new_id, now},
    executor::outcome::Freshness,
    guard::gate::Gate,
    log::metadata::{Actor, Metadata},
    server::{
        connection::Settings,
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::{Nats, Postgres};
use tokio::time::Instant;

use super::*;

#[tokio::test(start_paused = true)]
async fn timers_are_restored_at_once_every_hour_and_soon_after_a_failure() {
    let (began, stop) = (Instant::now(), CancellationToken::new());
    let attempts = Mutex::new(Vec::new());
    let attempt = async || {
        let mut attempts = attempts.lock().unwrap();
        attempts.push(began.elapsed().as_secs());
        match attempts.len() {
            2 => return Err(SagaError::transient(sqlx::Error::PoolTimedOut)),
            5 => stop.cancel(),
            _ => {}
        }
        Ok(())
    };
    repeat(&stop, &|| attempt().boxed()).await;
    assert_eq!(attempts.into_inner().unwrap(), [0, 3_600, 3_610, 7_210, 10_810]);
}

#[tokio::test]
async fn only_drafts_that_may_still_be_published_automatically_have_their_timers_armed() {
    let postgres = Postgres::start().await;
    let pool = PgPoolOptions::new().connect(&postgres.fresh_database().await).await.unwrap();
    sqlx::raw_sql("CREATE SCHEMA read").execute(&pool).await.unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../projectors/migrations/20261203701000_drafts.sql");
    let table =
        fs::read_to_string(folder).unwrap().replace("CREATE TABLE drafts", "CREATE TABLE read.drafts");
    let table = table.replace("ON drafts", "ON read.drafts");
    sqlx::raw_sql(AssertSqlSafe(table)).execute(&pool).await.unwrap();
    let since: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let moment = |seconds: i64| Some(since + SignedDuration::from_secs(seconds));
    for (screen, publish_at, status) in [
        (1, moment(1), "draft"),
        (1, moment(90_000), "draft"),
        (2, moment(90_000), "draft"),
        (3, moment(0), "draft"),
        (4, moment(-90_000), "draft"),
        (5, None, "draft"),
        (6, moment(90_000), "published"),
        (7, moment(90_000), "discarded"),
    ] {
        let insert = "INSERT INTO read.drafts (screening_id, screen_id, venue_id, show_id, starts_at, ends_at, publish_at, prices, currency,
                          terms, status, position)
                      VALUES (gen_random_uuid(), $1, $1, $1, now(), now(), $2, '{}', 'INR', '{}', $3, 1)";
        let insert = sqlx::query(insert).bind(Uuid::from_u128(screen));
        insert.bind(publish_at.map(ToSqlx::to_sqlx)).bind(status).execute(&pool).await.unwrap();
    }
    let found = screens_to_arm(&pool, since).await.unwrap();
    assert_eq!(found, [1, 2].map(|screen| ScreenId(Uuid::from_u128(screen))));
}

/// A venue with two screens, and a show: no process handles events there, only timers that the test lets fire.
struct House {
    _nats: Nats,
    executor: Executor,
    publications: Publications,
    facts: CurrentFacts,
    screens: [ScreenId; 2],
    promise: Promise,
}

impl House {
    async fn open() -> Self {
        let nats = Nats::start().await;
        let settings = Settings { url: nats.url(), name: "test".to_owned(), nkey_seed_file: None };
        let connection = Connection::open(&settings).await.unwrap();
        provision(&connection, &TopologySettings::default()).await.unwrap();
        let executor = Executor::new(&connection, Policy::default(), Gate::open());
        let publications = Publications::new(&connection, &executor, Clock::System);
        let promise = one_row(now() + SignedDuration::from_hours(24), 4, 25_000);

        let midnight = "00:00".parse().unwrap();
        let details = VenueDetails {
            name: promise.venue_name.clone(),
            address: "12 Lake Road".to_owned(),
            city: promise.city.clone(),
            timezone: promise.timezone.clone(),
            opens_at: midnight,
            closes_at: midnight,
        };
        let (id, fingerprint) = (promise.venue, None);
        let create = venue::Command::CreateVenue { venue: id, details, fingerprint };
        execute::<Venue>(&executor, &id, create).await;
        let details = ShowDetails {
            title: promise.show_title.clone(),
            description: String::new(),
            duration_minutes: 120,
            language: "English".to_owned(),
            certificate: None,
            genres: Vec::new(),
            people: Vec::new(),
        };
        let (id, fingerprint) = (promise.show, None);
        let create = show::Command::CreateShow { show: id, details, fingerprint };
        execute::<Show>(&executor, &id, create).await;
        let screens = [1, 2].map(|number| ScreenId(Uuid::from_u128(number)));
        for screen in screens {
            let add = Command::AddScreen {
                screen,
                venue: promise.venue,
                name: "One".to_owned(),
                layout: promise.layout.clone(),
                turnaround_minutes: 0,
                fingerprint: None,
            };
            execute::<Screen>(&executor, &screen, add).await;
        }
        let show = executor.state::<Show>(&promise.show, Freshness::Fresh).await.unwrap().state;
        let venue = executor.state::<Venue>(&promise.venue, Freshness::Fresh).await.unwrap().state;
        let facts = CurrentFacts::of(&show, &venue).unwrap();
        Self { _nats: nats, executor, publications, facts, screens, promise }
    }

    /// Makes a draft, which is due if it replaces another one.
    async fn draft(&self, screen: ScreenId, replaces: Option<ReplacedDraft>) -> ScreeningId {
        let screening = ScreeningId(new_id());
        let midnight = "00:00".parse().unwrap();
        let wanted = WantedDraft {
            offer: Arc::new(offer(self.promise.clone())),
            publish_at: replaces.is_some().then(now),
            opening_hours: OpeningHours { active: true, opens_at: midnight, closes_at: midnight },
            show_cancelled: false,
            replaces,
        };
        let command = Command::DraftScreening { screening, wanted, fingerprint: None };
        execute::<Screen>(&self.executor, &screen, command).await;
        screening
    }

    async fn state(&self, screen: ScreenId) -> Screen {
        self.executor.state::<Screen>(&screen, Freshness::Fresh).await.unwrap().state
    }
}

async fn execute<A: Decider>(executor: &Executor, id: &A::Id, command: A::Command) {
    let (time, correlation) = (now(), new_id());
    let metadata = Metadata { time, actor: Actor::System, correlation, causation: None, trace: None };
    executor.execute::<A, ()>(id, command, metadata, |_| ()).await.unwrap();
}

#[tokio::test]
async fn the_timer_publishes_a_draft_and_deletes_the_one_whose_place_it_takes() {
    let house = House::open().await;
    let [from, to] = house.screens;
    let old = house.draft(from, None).await;
    let replaced = ReplacedDraft { screen: from, draft: old, blocks: Vec::new(), seen: Vec::new() };
    let new = house.draft(to, Some(replaced)).await;
    // It may fire twice.
    for _ in 0..2 {
        house.publications.publish_due(to).await.unwrap();
        let (left, gained) = (house.state(from).await, house.state(to).await);
        assert!(gained.is_published(new) && gained.drafts.is_empty());
        assert!(left.drafts.is_empty() && !left.is_published(old), "both would have been published");
    }
}

#[tokio::test]
async fn the_timer_deletes_a_draft_whose_predecessor_was_published_meanwhile() {
    let house = House::open().await;
    let [from, to] = house.screens;
    let old = house.draft(from, None).await;
    let replaced = ReplacedDraft { screen: from, draft: old, blocks: Vec::new(), seen: Vec::new() };
    let new = house.draft(to, Some(replaced)).await;
    let facts = house.facts.clone();
    let publish = Command::PublishDraft { screening: old, publisher: Publisher::Staff, facts };
    execute::<Screen>(&house.executor, &from, publish).await;
    for _ in 0..2 {
        house.publications.publish_due(to).await.unwrap();
        let (left, gained) = (house.state(from).await, house.state(to).await);
        assert!(left.is_published(old));
        assert!(gained.drafts.is_empty() && !gained.is_published(new), "both would have been published");
    }
}
